from __future__ import annotations

import itertools
import math

import pytest

from nstbench.live.curve import MOST, Curve


@pytest.mark.parametrize("count", [1, 2, MOST - 1, MOST, MOST + 1, 5 * MOST + 3, 100_000])
def test_it_is_thin_and_even_and_has_both_ends(count: int) -> None:
    curve = Curve()
    for i in range(count):
        curve.add(i, 1 / (i + 1))
    points = curve.points()
    assert len(points) <= MOST
    assert len(points) >= min(count, MOST // 2)
    assert points[0] == (0, 1.0) and points[-1] == (count - 1, 1 / count)
    assert all(total == 1 / (i + 1) for i, total in points)
    steps = {b[0] - a[0] for a, b in itertools.pairwise(points[:-1])}
    assert len(steps) <= 1
    assert all(math.log2(step).is_integer() for step in steps)


def test_what_is_not_finite_is_left_out() -> None:
    curve = Curve()
    assert curve.points() == ()
    for i, total in enumerate([3.0, None, 1.0, None]):
        curve.add(i, total)
    assert curve.points() == ((0, 3.0), (2, 1.0))
