"""What each network costs: time of an iteration and peak of memory, as bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nstbench.report.grid import Grid
from nstbench.report.speed import median_of, range_of, with_unit

__all__ = ["Cost", "costs"]


@dataclass(frozen=True, slots=True)
class Cost:
    """One network in one framework; the shares are of the largest on the page, in per cent.

    ``step_range`` is how far the medians of its cells are apart, empty of one cell.
    """

    name: str
    step: str
    step_share: float
    step_range: str
    memory: str
    memory_share: float


def costs(grid: Grid) -> list[Cost]:
    """Return a line per network, backend and weights: medians over its cells."""
    names = [column.head for column in grid.columns]
    own = [grid.of(column) for column in grid.columns]
    steps = [median_of(records, "step_ms_median") for records in own]
    memories = [median_of(records, "peak_memory_mb") for records in own]
    ranges = [range_of(records, "step_ms_median", "ms") if len(records) > 1 else "" for records in own]
    lines = zip(names, steps, _shares(steps), ranges, memories, _shares(memories), strict=True)
    return [
        Cost(name, with_unit(step, "ms"), step_share, step_range, with_unit(memory, "MiB"), memory_share)
        for name, step, step_share, step_range, memory, memory_share in lines
        if step is not None or memory is not None
    ]


def _shares(values: Sequence[float | None]) -> list[float]:
    largest = max((value for value in values if value), default=1.0)
    return [round(100 * (value or 0.0) / largest, 1) for value in values]
