from __future__ import annotations

import pytest

from nstbench.report.numbers import MISSING, count, loss, seconds, setting, significant, similarity


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (883_000.0, "8.83e5"),
        (1.02e7, "1.02e7"),
        (1.73, "1.73"),
        (55.0, "5.50e1"),
        (9.999, "1.00e1"),
        (0.00123, "1.23e-3"),
        (0.0, "0.00"),
        (-2.5e3, "-2.50e3"),
        (None, MISSING),
        (float("nan"), MISSING),
        (float("inf"), MISSING),
    ],
)
def test_losses_look_like_the_reports(value, text):
    assert loss(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(6.3125, "6.31"), (12.34, "12.3"), (0.01234, "0.0123"), (99.97, "100"), (12345.6, "12,346"), (0.0, "0")],
)
def test_three_digits_without_exponent(value, text):
    assert significant(value) == text


def test_units_and_gaps():
    assert seconds(6.3125) == "6.31 s"
    assert seconds(None) == similarity(None) == count(None) == setting(None) == MISSING
    assert similarity(0.61234) == "0.612"
    assert count(143_667_240) == "143,667,240"
    assert [setting(value) for value in (5.0, 1e-2, "adam", 3)] == ["5", "0.01", "adam", "3"]
