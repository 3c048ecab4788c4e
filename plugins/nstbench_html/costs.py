"""What each network costs: time of an iteration and peak of memory, as bars."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from nstbench.report.grid import Grid
from nstbench.report.numbers import MISSING, significant

__all__ = ["Cost", "costs"]


@dataclass(frozen=True, slots=True)
class Cost:
    """One network in one framework; the shares are of the largest on the page, in per cent."""

    name: str
    step: str
    step_share: float
    memory: str
    memory_share: float


def costs(grid: Grid) -> list[Cost]:
    """Return a line per network, backend and weights: medians over its cells."""
    names = [column.head for column in grid.columns]
    own = [
        [r for r in grid.ok if (r.label, r.backend, r.weights) == (each.label, each.backend, each.weights)]
        for each in grid.columns
    ]
    steps = [_median([record.step_ms_median for record in records]) for records in own]
    memories = [_median([record.peak_memory_mb for record in records]) for records in own]
    lines = zip(names, steps, _shares(steps), memories, _shares(memories), strict=True)
    return [
        Cost(name, _text(step, "ms"), step_share, _text(memory, "MiB"), memory_share)
        for name, step, step_share, memory, memory_share in lines
        if step is not None or memory is not None
    ]


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def _shares(values: Sequence[float | None]) -> list[float]:
    largest = max((value for value in values if value), default=1.0)
    return [round(100 * (value or 0.0) / largest, 1) for value in values]


def _text(value: float | None, unit: str) -> str:
    return MISSING if value is None else f"{significant(value)} {unit}"
