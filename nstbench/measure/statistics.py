"""The median of repeats and how well it is known, without assuming a distribution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["CONFIDENCE", "MedianInterval", "median_interval"]

CONFIDENCE = 0.95
"""Coverage that intervals aim at."""


@dataclass(frozen=True, slots=True)
class MedianInterval:
    """The median of ``count`` values and the interval ``low`` to ``high`` that has the population's median in it.

    ``coverage`` is the probability of that, exactly: below ``CONFIDENCE`` where there are fewer than 6 values, whose
    whole range is the widest interval there is.
    """

    median: float
    low: float
    high: float
    coverage: float
    count: int


def median_interval(values: Sequence[float], confidence: float = CONFIDENCE) -> MedianInterval:
    """Return the median and its order-statistics interval (David & Nagaraja, Order Statistics, 2003, section 7.1).

    With the values in order, x_(k) to x_(n+1-k) holds the median of any continuous distribution with probability
    1 - 2 P(B < k), where B is binomial(n, 1/2); k is the largest for which that is at least ``confidence``, and 1 where
    there is none. Raises ``ValueError`` if there are no values.
    """
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    n = len(ordered)
    if n == 0:
        raise ValueError("there are no values")
    if n == 1:
        return MedianInterval(float(ordered[0]), float(ordered[0]), float(ordered[0]), 0.0, 1)
    from scipy.stats import binom  # takes a second, and most cells ran once

    # ppf gives the smallest k with P(B <= k) >= tail, so P(B < k) < tail.
    k = max(1, int(binom.ppf((1 - confidence) / 2, n, 0.5)))
    coverage = 1 - 2 * float(binom.cdf(k - 1, n, 0.5))
    return MedianInterval(float(np.median(ordered)), float(ordered[k - 1]), float(ordered[n - k]), coverage, n)
