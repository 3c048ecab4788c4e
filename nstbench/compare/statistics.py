"""By how much one run's numbers are shifted against another's: one interval over all cells, from their repeats.

Cells are not a sample: they are the question. What is random is the repeat, and all cells of a process share its luck,
so an interval over cells that took them for independent would be too narrow. What is exchangeable, where two runs are
equal, is a whole repeat. So the test relabels repeats, all cells at once, and the interval is the set of shifts it does
not reject; of one cell, this is the interval of Hodges and Lehmann that belongs to the Mann-Whitney test.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Shift", "mann_whitney", "shift"]

_MOST = 20_000
"""Relabellings that are all looked at; of more, a seeded sample of half as many."""
_HALVINGS = 36

Table = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Shift:
    """The median over cells of (median after - median before), and its interval.

    ``coverage`` is at least that, unless so few repeats can only give less: then the interval is the widest there is.
    """

    estimate: float
    low: float
    high: float
    coverage: float


def shift(before: Table, after: Table, confidence: float = 0.95) -> Shift:
    """Compare (cells, repeats) tables, one row per cell in both; NaN is a repeat that has no number.

    The statistic is the sum over cells of the rank sums of ``after`` (Wilcoxon, 1945; stratified by cell as by van
    Elteren, 1960), its distribution that over relabelled repeats (Fisher-Pitman). Rows must have a number on each side.
    """
    labels = _relabellings(before.shape[1], after.shape[1]).astype(np.float64)
    tail = max((1 - confidence) / 2, 1 / len(labels))
    gaps = after[:, None, :] - before[:, :, None]
    least, most = float(np.nanmin(gaps)) - 1, float(np.nanmax(gaps)) + 1
    low = _border(lambda by: _share(before, after - by, labels) <= tail, least, most)
    high = -_border(lambda by: _share(-before, -(after + by), labels) <= tail, -most, -least)
    estimate = float(np.median(np.nanmedian(after, axis=1) - np.nanmedian(before, axis=1)))
    return Shift(estimate, low, high, 1 - 2 * tail)


def mann_whitney(before: NDArray[np.float64], after: NDArray[np.float64]) -> float:
    """Return the two-sided p-value of one cell's repeats."""
    from scipy.stats import mannwhitneyu

    return float(mannwhitneyu(before, after).pvalue)


def _share(before: Table, after: Table, labels: Table) -> float:
    """Return the share of relabellings that put ``after`` at least as high as it is."""
    from scipy.stats import rankdata

    values = np.concatenate([before, after], axis=1)
    known = ~np.isnan(values)
    ranks = rankdata(np.where(known, values, np.inf), axis=1)
    count = np.sum(known, axis=1, keepdims=True)
    # Centred and to one scale, so that a repeat that is missing counts as an average one.
    columns = np.sum(np.where(known, (ranks - (count + 1) / 2) / (count + 1), 0), axis=0)
    sums = labels @ columns
    return float(np.mean(sums >= sums[0] - 1e-9))


def _border(rejects: Callable[[float], bool], least: float, most: float) -> float:
    """Return where ``rejects``, true at ``least`` and false at ``most``, turns; ``least`` if it is false already."""
    if not rejects(least):
        return least
    for _ in range(_HALVINGS):
        middle = (least + most) / 2
        least, most = (middle, most) if rejects(middle) else (least, middle)
    return least


def _relabellings(before: int, after: int) -> NDArray[np.bool_]:
    """Return which repeats are called ``after``, (relabellings, before + after); row 0 is the truth."""
    truth = np.arange(before + after) >= before
    if math.comb(before + after, after) > _MOST:
        random = np.random.RandomState(0)
        return np.array([truth, *(random.permutation(truth) for _ in range(_MOST // 2))])
    chosen = list(itertools.combinations(reversed(range(before + after)), after))
    labels = np.zeros((len(chosen), before + after), dtype=bool)
    labels[np.arange(len(chosen))[:, None], chosen] = True
    return labels
