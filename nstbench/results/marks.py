"""What makes a number doubtful: each cell's marks, and how far the backends of one cell may differ."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

import msgspec

from nstbench.measure.rounding import largest_relative
from nstbench.results.comparison import alike, point
from nstbench.results.record import Record, Status

__all__ = [
    "BARELY_MOVED",
    "CLIPPED",
    "FLOOR",
    "MARKS",
    "OVERSHOT",
    "SPREADS",
    "STILL_FALLING",
    "Pair",
    "backend_pairs",
    "marks_of",
    "with_marks",
]

OVERSHOT = 0.05
"""Part of the lowest total by which the final one is above it."""
STILL_FALLING = 0.05
"""Part of the total that the last tenth of the steps took away."""
CLIPPED = 0.1
"""Share of the pixels that were driven to 0 or 255."""
BARELY_MOVED = 0.5
"""Mean |final - start|, in grey levels, below which a picture still shows its start."""
SPREADS = 5.84
"""Spreads of rounding that two backends may be apart: the 99.5 % quantile of Student's t with 3 degrees of freedom.

If the backends differ by rounding alone, their difference is one more draw of what the probe drew three times, and of a
hundred pairs one is marked by chance.
"""
FLOOR = 1e-3
"""Relative difference of two backends that is never marked: the parity check lets losses differ as much.

Where the descent does not multiply roundings, the probe, which disturbs the start alone, stays below what a backend
that rounds otherwise at every step shows: for VGG19's first four layers 1e-7 against the 1e-4 of two backends, and of
one backend whose every weight is off by a rounding.
"""

MARKS = ("above-start", "above-best", "still-falling", "not-finite", "clipped", "barely-moved", "backends-differ")
"""All marks, in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class Pair:
    """The same cell on two backends: the largest relative difference of total, style and content at the end.

    ``spread`` is that of two roundings of one backend, None where it was not measured (``rounding_probe``).
    """

    first: Record
    other: Record
    apart: float
    spread: float | None

    @property
    def differs(self) -> bool:
        """Whether the backends differ by more than rounding explains; False where that is not known."""
        return self.spread is not None and self.apart > max(SPREADS * self.spread, FLOOR)


def with_marks(records: Sequence[Record]) -> list[Record]:
    """Return the records with ``marks`` filled in: names of ``MARKS``, separated by spaces."""
    pairs = [pair for pair in backend_pairs(records) if pair.differs]
    differing = {record.cell for pair in pairs for record in (pair.first, pair.other)}
    return [
        msgspec.structs.replace(record, marks=" ".join(_marks(record, record.cell in differing))) for record in records
    ]


def marks_of(records: Iterable[Record]) -> list[str]:
    """Return the marks that any of these (the repeats of a cell, say) has, in the order of ``MARKS``."""
    found = {name for record in records for name in record.marks.split()}
    return [name for name in MARKS if name in found]


def backend_pairs(records: Sequence[Record]) -> list[Pair]:
    """Return every cell of a closed comparison with the same cell on another backend.

    What the others are compared with is the backend whose spread is known, else the first one.
    """
    points: dict[Hashable, list[Record]] = defaultdict(list)
    for record in records:
        if record.status is Status.OK and _final(record):
            points[point(record)].append(record)
    return [pair for group in points.values() for pair in _pairs(group)]


def _pairs(group: Sequence[Record]) -> list[Pair]:
    first = next((record for record in group if record.rounding_spread is not None), group[0])
    others = [record for record in group if record.backend != first.backend and alike(record, first)]
    return [
        Pair(first, other, largest_relative(_final(first), _final(other)), first.rounding_spread) for other in others
    ]


def _final(record: Record) -> list[float]:
    """Return total, style and content of the final image; nothing if one of them is missing."""
    values = [record.total, record.style_weighted, record.content_weighted]
    known = [value for value in values if value is not None and math.isfinite(value)]
    return known if len(known) == len(values) else []


def _marks(record: Record, differs: bool) -> list[str]:
    if record.status is Status.DIVERGED or (record.status is Status.OK and not _final(record)):
        return ["not-finite"]
    if record.status is not Status.OK:
        return []
    total, start, best = record.total, record.initial_total, record.best_total
    held = {
        "above-start": _above(total, start, 0.0),
        "above-best": _above(total, best, OVERSHOT) and not _above(total, start, 0.0),
        "still-falling": _above(record.late_fall, STILL_FALLING),
        "clipped": _above(record.clipped, CLIPPED),
        "barely-moved": record.iterations > 0 and _above(BARELY_MOVED, record.moved),
        "backends-differ": differs,
    }
    return [name for name in MARKS if held.get(name)]


def _above(value: float | None, limit: float | None, by: float = 0.0) -> bool:
    return value is not None and limit is not None and value > limit * (1 + by)
