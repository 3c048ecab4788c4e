"""Networks at matched content SSIM: the levels, the interpolated distances, and what they say of two networks."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nstbench.report.pareto import Point, at_ssim, dominates
from nstbench.report.tradeoff_curves import Curve, Network, Panel

__all__ = ["EQUAL", "Duel", "duels", "levels"]

EQUAL = 0.01
"""Two distances that differ by less than this share of the larger are called equal."""

_STEPS = (0.1, 0.05, 0.02, 0.01)
_LEAST = 3


@dataclass(frozen=True, slots=True)
class Duel:
    """Two networks in one panel; ``distances`` (first, second) at the levels where both have a value."""

    first: Network
    second: Network
    panel: Panel
    distances: tuple[tuple[float, float], ...]

    @property
    def own(self) -> tuple[bool, bool]:
        """Say whether the referee is the first network's own, and whether it is the second's."""
        referees = {curve.network: curve.self_refereed for curve in self.panel.curves}
        return referees[self.first], referees[self.second]

    @property
    def wins(self) -> tuple[int, int]:
        """Count the levels at which the first is better, and the second; equal distances count for neither."""
        apart = [(a, b) for a, b in self.distances if abs(a - b) > EQUAL * max(abs(a), abs(b))]
        return sum(a < b for a, b in apart), sum(b < a for a, b in apart)

    @property
    def outdone(self) -> tuple[bool, bool]:
        """Say whether each point of the first network's front is dominated by one of the second's, and vice versa."""
        fronts = {curve.network: curve.front for curve in self.panel.curves}
        first, second = fronts[self.first], fronts[self.second]
        return _outdone(first, second), _outdone(second, first)


def levels(panels: Sequence[Panel]) -> list[float]:
    """Return round levels of SSIM for the panels of one image pair: those inside the ranges of at least two networks.

    Of one network alone they are the levels inside its own range. The steps between them are 0.1, or finer where
    fewer than three levels would be left.
    """
    found: list[float] = []
    for step in _STEPS:
        found = [level for level in _multiples(step) if any(_compared(panel, level) for panel in panels)]
        if len(found) >= _LEAST:
            break
    return found


def duels(panels: Sequence[Panel], levels: Sequence[float]) -> list[Duel]:
    """Return every two networks of every panel, with their distances at those of ``levels`` that they share."""
    return [
        Duel(first.network, second.network, panel, tuple(_shared(first, second, levels)))
        for panel in panels
        for first, second in itertools.combinations(panel.curves, 2)
    ]


def _multiples(step: float) -> list[float]:
    return [round(number * step, 2) for number in range(-round(1 / step) + 1, round(1 / step))]


def _compared(panel: Panel, level: float) -> bool:
    values = [at_ssim(curve.front, level) for curve in panel.curves]
    return sum(value is not None for value in values) >= min(2, len(values))


def _shared(first: Curve, second: Curve, levels: Sequence[float]) -> Iterator[tuple[float, float]]:
    for level in levels:
        one, other = at_ssim(first.front, level), at_ssim(second.front, level)
        if one is not None and other is not None:
            yield one, other


def _outdone(points: Sequence[Point], others: Sequence[Point]) -> bool:
    return all(any(dominates(other, point) for other in others) for point in points)
