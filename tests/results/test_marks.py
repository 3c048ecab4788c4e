"""Marks follow from the records, at their thresholds and not before."""

from __future__ import annotations

import numpy as np
import pytest

from nstbench.execute.optimised import DRAWS
from nstbench.results import Record, Status, in_grid_order
from nstbench.results.marks import FLOOR, SPREADS, backend_pairs, with_marks

GOOD = {
    "total": 10.0, "style_weighted": 6.0, "content_weighted": 4.0, "initial_total": 100.0, "best_total": 10.0,
    "best_iteration": 3, "late_fall": 0.02, "moved": 9.0, "clipped": 0.01, "weights_sha256": "w",
}  # fmt: skip


@pytest.fixture
def mark(make_record):
    def marks(**changes: object) -> str:
        return with_marks([make_record(**(GOOD | changes))])[0].marks

    return marks


def test_a_good_cell_has_none(mark):
    assert mark() == ""
    assert mark(late_fall=None, moved=None, clipped=None) == ""  # an earlier version's record
    assert mark(late_fall=0.05, clipped=0.1, moved=0.5, total=10.5) == ""  # at the thresholds, not beyond


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"total": 100.1}, "above-start"),
        ({"total": 100.1, "best_total": 100.0, "best_iteration": 0}, "above-start"),
        ({"total": 10.6}, "above-best"),
        ({"late_fall": 0.051}, "still-falling"),
        ({"status": Status.DIVERGED, "total": None}, "not-finite"),
        ({"total": float("nan")}, "not-finite"),
        ({"content_weighted": None}, "not-finite"),  # JSON has no NaN
        ({"clipped": 0.101}, "clipped"),
        ({"moved": 0.49}, "barely-moved"),
        ({"moved": 0.0, "iterations": 0}, ""),  # nothing was asked to move
        ({"status": Status.OOM, "total": None}, ""),
        ({"total": 101.0, "clipped": 0.5, "late_fall": 0.2}, "above-start still-falling clipped"),
    ],
)  # fmt: skip
def test_each_mark(mark, changes, expected):
    assert mark(**changes) == expected


def two(make_record, apart: float, **changes: object) -> list[Record]:
    """The same cell on two backends, whose style losses differ by a part of themselves."""
    torch = make_record("t", **(GOOD | changes))
    other = GOOD | {"style_weighted": 6.0 * (1 - apart), "total": 10.0 - 6.0 * apart}
    return [torch, make_record("k", backend="tensorflow", **(other | {"best_total": other["total"]}))]


def marks(records: list[Record]) -> list[str]:
    return [record.marks for record in with_marks(records)]


def test_backends_differ_by_more_than_rounding(make_record):
    both = ["backends-differ"] * 2
    assert marks(two(make_record, 1.01 * SPREADS * 0.001, rounding_spread=0.001)) == both
    assert marks(two(make_record, 0.99 * SPREADS * 0.001, rounding_spread=0.001)) == ["", ""]
    assert marks(two(make_record, 1.1 * FLOOR, rounding_spread=1e-9)) == both
    assert marks(two(make_record, 0.9 * FLOOR, rounding_spread=1e-9)) == ["", ""]


def test_one_pair_in_a_hundred_is_marked_by_chance():
    """Both the difference and the three draws behind the spread are rounding."""
    random = np.random.default_rng(0)
    apart, draws = np.abs(random.normal(size=100_000)), random.normal(size=(100_000, DRAWS))
    marked = apart > SPREADS * np.sqrt((draws**2).mean(axis=1))
    assert marked.mean() == pytest.approx(0.01, abs=0.002)


def test_without_a_probe_nothing_is_judged(make_record):
    records = two(make_record, 0.5)
    assert marks(records) == ["", ""]
    (pair,) = backend_pairs(records)
    assert pair.spread is None and pair.apart == pytest.approx(0.5)


def test_what_is_no_pair(make_record):
    torch, other = two(make_record, 0.5, rounding_spread=0.001)
    for changes in ({"learning_rate": 2.0}, {"weights_sha256": "v"}, {"content_sha256": "c"}, {"status": Status.OOM}):
        changed = make_record("k", **(GOOD | {"backend": "tensorflow", "style_weighted": 3.0} | changes))
        assert backend_pairs([torch, changed]) == [], changes
    assert backend_pairs([torch, make_record("u", **GOOD)]) == []
    third = make_record("j", **(GOOD | {"backend": "jax"}))
    assert [pair.other.backend for pair in backend_pairs([third, other, torch])] == ["jax", "tensorflow"]


def test_a_run_that_is_read_is_marked(make_record, manifest):
    read = in_grid_order(manifest, [make_record("a", **GOOD), make_record("b", **(GOOD | {"moved": 0.1}))])
    assert [record.marks for record in read] == ["", "barely-moved"]
