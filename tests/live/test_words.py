from __future__ import annotations

import pytest

from nstbench.live.words import STAGES, Stage, clock, rate


@pytest.mark.parametrize(
    ("seconds", "text"), [(None, "-:--"), (0, "0:00"), (59.6, "1:00"), (754, "12:34"), (3723, "1:02:03")]
)
def test_times(seconds: float | None, text: str) -> None:
    assert clock(seconds) == text


def test_speeds() -> None:
    assert [rate(one) for one in (None, 0.01234, 1234.5)] == ["", "0.0123 it/s", "1.23e+03 it/s"]


def test_every_stage_has_words() -> None:
    assert set(STAGES) == set(Stage)
