"""Trade-offs as points: which of them no other one beats, and what lies between two of those."""

from __future__ import annotations

import bisect
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["Point", "at_ssim", "dominates", "pareto_front"]


@dataclass(frozen=True, slots=True)
class Point:
    """A setting's outcome: ``ssim`` with the content (more is better), ``distance`` to the style (less is better).

    ``ratio`` is the content weight divided by the style weight; the numbers are the median of ``cells``.
    """

    ratio: float
    ssim: float
    distance: float
    cells: tuple[str, ...] = ()


def dominates(one: Point, other: Point) -> bool:
    """Say whether a point is at least as good as another in both numbers, and better in one."""
    as_good = one.ssim >= other.ssim and one.distance <= other.distance
    return as_good and (one.ssim > other.ssim or one.distance < other.distance)


def pareto_front(points: Iterable[Point]) -> tuple[Point, ...]:
    """Return the points that no other one dominates, by increasing SSIM; their distances increase with it, strictly.

    Of points equal in both numbers the first is taken; points with a number that is not finite are left out.
    """
    finite = [point for point in points if math.isfinite(point.ssim) and math.isfinite(point.distance)]
    front: list[Point] = []
    # From the most content downwards, a point counts if it is nearer to the style than all before it.
    for point in sorted(finite, key=lambda point: (-point.ssim, point.distance)):
        if not front or point.distance < front[-1].distance:
            front.append(point)
    return tuple(reversed(front))


def at_ssim(front: Sequence[Point], ssim: float) -> float | None:
    """Return a front's distance at an SSIM, linear between its two neighbours; None outside the front.

    ``front`` is what ``pareto_front`` returns. A front that bends towards the good corner lies below its chords, so
    no network is credited with less distance than the straight line between two pictures that it made.
    """
    after = bisect.bisect_left([point.ssim for point in front], ssim)
    if after == len(front) or math.isnan(ssim):
        return None
    right = front[after]
    if right.ssim == ssim:
        return right.distance
    if after == 0:
        return None
    left = front[after - 1]
    share = (ssim - left.ssim) / (right.ssim - left.ssim)
    return left.distance + share * (right.distance - left.distance)
