"""Whether the second run is worse: per metric over all cells, and cells that no longer succeed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from nstbench.compare.differences import Difference
from nstbench.compare.match import Pair
from nstbench.compare.metrics import Metric
from nstbench.compare.statistics import mann_whitney, shift
from nstbench.results.record import Record, Status

__all__ = ["ADVISED", "CellResult", "Comparison", "Lost", "MetricResult", "judge", "lost_cells"]

ADVISED = 5
"""Repeats from which a 95 % interval has something to say."""
_SIGNIFICANT = 0.05

Row = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CellResult:
    """One cell and one metric: medians over its repeats, their ratio, and the Mann-Whitney p-value if there are any.

    ``mark`` is ``+`` worse than the threshold, ``-`` better, ``~`` either but not significantly, empty in between.
    """

    title: str
    before: float
    after: float
    ratio: float
    p: float | None
    mark: str


@dataclass(frozen=True, slots=True)
class MetricResult:
    """A metric over all cells: the median ratio after/before and, with repeats, its interval.

    ``judged`` is false where it is shown only. Without repeats a single cell above the threshold is a regression.
    """

    metric: str
    unit: str
    cells: tuple[CellResult, ...]
    ratio: float
    low: float | None = None
    high: float | None = None
    coverage: float | None = None
    judged: bool = True
    regression: bool = False


@dataclass(frozen=True, slots=True)
class Lost:
    """A cell that succeeded before and does not now, or not as often."""

    title: str
    reason: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything a comparison says; ``before`` and ``after`` name the runs' folders."""

    before: str
    after: str
    threshold: float
    cells: int
    repeats: tuple[int, int]
    metrics: tuple[MetricResult, ...]
    lost: tuple[Lost, ...] = ()
    found: tuple[str, ...] = ()
    only_before: tuple[str, ...] = ()
    only_after: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def is_repeated(self) -> bool:
        """Whether both runs have repeats, so that there are statistics."""
        return min(self.repeats) > 1

    @property
    def regressions(self) -> tuple[MetricResult, ...]:
        """The metrics that got worse."""
        return tuple(one for one in self.metrics if one.regression)

    @property
    def exit_code(self) -> int:
        """1 if anything got worse, else 0."""
        return 1 if self.regressions or self.lost else 0


def judge(
    pairs: Sequence[Pair], metric: Metric, threshold: float, *, repeated: bool, judged: bool = True
) -> MetricResult | None:
    """Compare one metric over the pairs that have it on both sides; None if none has.

    With repeats a regression is a median ratio whose whole interval lies above 1 + ``threshold``: an effect beyond it,
    and significantly so. A test against 1 alone would call the slow drift between any two runs significant. Without
    repeats it is any cell whose ratio is above 1 + ``threshold``. Cells of which a number is 0 on both sides are left
    out.
    """
    rows = [(pair, _values(pair.before, metric), _values(pair.after, metric)) for pair in pairs]
    rows = [row for row in rows if len(row[1]) and len(row[2]) and (row[1].any() or row[2].any())]
    if not rows:
        return None
    cells = tuple(_cell(pair.title, before, after, threshold, repeated) for pair, before, after in rows)
    result = MetricResult(
        metric.name, metric.unit, cells, float(np.median([cell.ratio for cell in cells])), judged=judged
    )
    positive = [pair for pair, before, after in rows if min(before.min(), after.min()) > 0]
    if repeated and positive:
        return _tested(result, positive, metric, threshold)
    return replace(result, regression=judged and any(cell.mark == "+" for cell in cells))


def _tested(result: MetricResult, pairs: Sequence[Pair], metric: Metric, threshold: float) -> MetricResult:
    found = shift(_table(pairs, metric, "before"), _table(pairs, metric, "after"))
    return replace(
        result,
        ratio=math.exp(found.estimate),
        low=math.exp(found.low),
        high=math.exp(found.high),
        coverage=found.coverage,
        regression=result.judged and found.low > math.log1p(threshold),
    )


def lost_cells(pairs: Sequence[Pair]) -> tuple[tuple[Lost, ...], tuple[str, ...]]:
    """Return the cells of which a smaller share of repeats succeeds than before, and the titles of the opposite."""
    lost, found = [], []
    for pair in pairs:
        before, after = _share(pair.before), _share(pair.after)
        if after < before:
            failed = [record for record in pair.after if record.status is not Status.OK]
            many = f"{len(failed)} of {len(pair.after)} repeats: " if len(pair.after) > 1 else ""
            lost.append(Lost(pair.title, f"{many}{failed[0].status}: {failed[0].reason}".rstrip(": ")))
        elif after > before:
            found.append(pair.title)
    return tuple(lost), tuple(found)


def _share(records: Sequence[Record]) -> float:
    return sum(record.status is Status.OK for record in records) / len(records)


def _values(records: Sequence[Record], metric: Metric) -> Row:
    values = [metric.value(record) for record in records]
    return np.array([value for value in values if value is not None], dtype=np.float64)


def _cell(title: str, before: Row, after: Row, threshold: float, repeated: bool) -> CellResult:
    first, second = float(np.median(before)), float(np.median(after))
    ratio = second / first if first else math.inf
    p = mann_whitney(before, after) if repeated and min(len(before), len(after)) > 1 else None
    mark = "+" if ratio > 1 + threshold else "-" if ratio * (1 + threshold) < 1 else ""
    return CellResult(title, first, second, ratio, p, "~" if mark and p is not None and p > _SIGNIFICANT else mark)


def _table(pairs: Sequence[Pair], metric: Metric, side: str) -> NDArray[np.float64]:
    """Return logarithms as (cells, repeats); NaN where a repeat failed or was not run."""
    numbers = sorted({record.repeat for pair in pairs for record in getattr(pair, side)})
    table = np.full((len(pairs), len(numbers)), np.nan)
    for row, pair in enumerate(pairs):
        for record in getattr(pair, side):
            value = metric.value(record)
            if value is not None:
                table[row, numbers.index(record.repeat)] = math.log(value)
    return table[:, ~np.all(np.isnan(table), axis=0)]
