"""Repeats of a cell in the tables: the median, how well it is known, and how many repeats there are to know it from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from nstbench.measure.statistics import CONFIDENCE, MedianInterval, median_interval
from nstbench.report.grid import Grid
from nstbench.report.numbers import loss, seconds, setting, significant, similarity
from nstbench.results import Record, Status

__all__ = ["Measure", "explained", "interval", "is_repeated", "losses", "runtimes", "similarities", "wide"]

Measure = Callable[[Record], float | None]
"""A number of a record, None where it has none."""


def is_repeated(grid: Grid) -> bool:
    """Say whether any cell of the report ran more than once."""
    return any(len(records) > 1 for block in grid.blocks for records in block.repeats.values())


def interval(records: Sequence[Record], measure: Measure) -> MedianInterval | None:
    """Return the median of a measure over the repeats that succeeded; None if no repeat has it."""
    values = [value for record in records if record.status is Status.OK and (value := measure(record)) is not None]
    return median_interval(values) if values else None


def losses(records: Sequence[Record], terms: Sequence[Measure]) -> str:
    """Return ``total [low, high] = style + content (L/L₀)`` of the repeats' medians."""
    shown = [loss(found.median if (found := interval(records, term)) else None) for term in terms]
    found = interval(records, lambda record: record.relative_total)
    relative = f" ({significant(found.median)})" if found else ""
    return f"{_text(records, lambda record: record.total, loss)} = {' + '.join(shown)}{relative}{_share(records)}"


def runtimes(records: Sequence[Record]) -> str:
    """Return the repeats' median time with its interval, the first step apart."""
    text = _text(records, lambda record: record.optimise_s, significant)
    first = interval(records, lambda record: record.first_step_s)
    return f"{text} s" + (f" (first step {seconds(first.median)})" if first else "") + _share(records)


def similarities(records: Sequence[Record]) -> str:
    """Return the repeats' median SSIM to content and style, each with its interval."""
    measures: tuple[Measure, Measure] = (lambda record: record.ssim_content, lambda record: record.ssim_style)
    return " / ".join(_text(records, measure, similarity) for measure in measures) + _share(records)


def wide(records: Sequence[Record], measures: dict[str, Measure]) -> dict[str, Any]:
    """Return medians and intervals for ``table1.csv``: ``total``, ``total_low``, ``total_high``, ... and counts."""
    found = {name: interval(records, measure) for name, measure in measures.items()}
    values: dict[str, Any] = {"repeats": len(records), "repeats_ok": _succeeded(records)}
    for name, one in found.items():
        parts = (one.median, one.low, one.high) if one else (None, None, None)
        values |= dict(zip((name, f"{name}_low", f"{name}_high"), parts, strict=True))
    return values


def explained(grid: Grid, order_seed: int | None) -> list[str]:
    """Return what a reader must know of repeats, as sentences; nothing where nothing is repeated."""
    if not is_repeated(grid):
        return []
    places = [records for block in grid.blocks for records in block.repeats.values()]
    most = max(len(records) for records in places)
    shuffled = f", the jobs in an order shuffled with seed {order_seed}" if order_seed is not None else ""
    return [
        f"Each cell ran {most} times, each time in a fresh process{shuffled}. {_noise(grid)}",
        *_coverages(places),
        "Medians of terms need not add up to the median of the total. Figures show repeat 0; `results.csv` has a row "
        "per repeat.",
    ]


def _noise(grid: Grid) -> str:
    levels = list(dict.fromkeys(record.init_noise for record in grid.records))
    if levels == [0]:
        return "The start has no noise, so the results are the same and repeats differ in their times only."
    named = " or ".join(setting(level) for level in levels)
    return (
        f"Every start has Gaussian noise of its own, of {named} grey level{'' if named == '1' else 's'}, which is the "
        "same for every network and backend."
    )


def _coverages(places: Sequence[Sequence[Record]]) -> list[str]:
    """Return a sentence per number of repeats that succeeded somewhere: what the brackets are then."""
    counts = sorted({count for records in places if (count := _succeeded(records)) > 1})
    return [_coverage(median_interval(range(count))) for count in counts]


def _coverage(example: MedianInterval) -> str:
    if example.coverage >= CONFIDENCE:
        return (
            f"Numbers are medians; with {example.count} repeats, the brackets hold the median of the distribution with "
            f"a probability of {example.coverage:.1%} (order statistics, exact)."
        )
    return (
        f"Numbers are medians; with {example.count} repeats there is no {CONFIDENCE:.0%} interval, the brackets are "
        f"the smallest and the largest value ({example.coverage:.1%})."
    )


def _text(records: Sequence[Record], measure: Measure, show: Callable[[float | None], str]) -> str:
    found = interval(records, measure)
    if found is None or found.count < 2:
        return show(found.median if found else None)
    return f"{show(found.median)} [{show(found.low)}, {show(found.high)}]"


def _share(records: Sequence[Record]) -> str:
    count = _succeeded(records)
    return "" if count == len(records) else f" (**{count} of {len(records)} repeats ok**)"


def _succeeded(records: Sequence[Record]) -> int:
    return sum(record.status is Status.OK for record in records)
