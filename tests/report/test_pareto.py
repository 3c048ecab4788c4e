from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from nstbench.report.pareto import Point, at_ssim, dominates, pareto_front


def points(*pairs):
    return [Point(ratio=10.0**i, ssim=ssim, distance=distance) for i, (ssim, distance) in enumerate(pairs)]


def pairs(front):
    return [(point.ssim, point.distance) for point in front]


def beats(one, other):
    at_least = one.ssim >= other.ssim and one.distance <= other.distance
    return at_least and (one.ssim, one.distance) != (other.ssim, other.distance)


def test_the_front_is_what_nothing_dominates():
    random = np.random.default_rng(0)
    for _ in range(50):
        # Few distinct values, so that ties in one or both numbers are common.
        cloud = points(*random.integers(0, 6, (20, 2)).astype(float).tolist())
        kept = {(p.ssim, p.distance) for p in cloud if not any(beats(other, p) for other in cloud)}
        front = pareto_front(cloud)
        assert set(pairs(front)) == kept
        assert len(front) == len(kept)
        assert all(a.ssim < b.ssim and a.distance < b.distance for a, b in itertools.pairwise(front))


def test_a_point_dominates_with_one_number_better_and_none_worse():
    base, more, nearer, same, worse = points((0.5, 0.5), (0.6, 0.5), (0.5, 0.4), (0.5, 0.5), (0.6, 0.6))
    assert dominates(more, base)
    assert dominates(nearer, base)
    assert not dominates(same, base)
    assert not dominates(worse, base)
    assert not dominates(base, worse)


def test_order_of_the_points_does_not_matter():
    cloud = points((0.2, 0.1), (0.5, 0.2), (0.4, 0.3), (0.9, 0.8))
    assert pairs(pareto_front(cloud)) == pairs(pareto_front(reversed(cloud))) == [(0.2, 0.1), (0.5, 0.2), (0.9, 0.8)]


def test_a_curve_that_turns_back_loses_the_part_beyond_the_turn():
    # Too much style weight: less SSIM, and further from the style again.
    cloud = points((0.1, 0.4), (0.2, 0.2), (0.6, 0.5), (0.95, 0.9))
    assert pairs(pareto_front(cloud)) == [(0.2, 0.2), (0.6, 0.5), (0.95, 0.9)]


def test_ties():
    assert pairs(pareto_front(points((0.5, 0.3), (0.5, 0.2)))) == [(0.5, 0.2)]
    assert pairs(pareto_front(points((0.5, 0.3), (0.7, 0.3)))) == [(0.7, 0.3)]


def test_of_equal_points_the_first_is_taken():
    front = pareto_front(points((0.5, 0.3), (0.5, 0.3)))
    assert [point.ratio for point in front] == [1.0]


def test_numbers_that_are_not_finite_are_left_out():
    cloud = points((math.nan, 0.1), (0.5, math.nan), (0.6, math.inf), (math.inf, 0.0), (0.4, 0.2))
    assert pairs(pareto_front(cloud)) == [(0.4, 0.2)]
    assert pareto_front(cloud[:4]) == ()


def test_nothing_and_one_point():
    assert pareto_front([]) == ()
    assert at_ssim((), 0.5) is None
    front = pareto_front(points((0.5, 0.3)))
    assert at_ssim(front, 0.5) == 0.3
    assert at_ssim(front, 0.4999) is None
    assert at_ssim(front, 0.5001) is None


def test_interpolation_is_linear_and_exact_at_the_points():
    front = pareto_front(points((0.2, 0.1), (0.6, 0.3), (0.8, 0.7)))
    assert [at_ssim(front, point.ssim) for point in front] == [0.1, 0.3, 0.7]
    assert at_ssim(front, 0.4) == pytest.approx(0.2)
    assert at_ssim(front, 0.75) == pytest.approx(0.6)


def test_nothing_is_extrapolated():
    front = pareto_front(points((0.2, 0.1), (0.8, 0.7)))
    assert at_ssim(front, 0.19) is None
    assert at_ssim(front, 0.81) is None
    assert at_ssim(front, math.nan) is None


def test_interpolation_is_monotone_and_stays_between_neighbours():
    random = np.random.default_rng(1)
    for _ in range(20):
        front = pareto_front(points(*random.random((12, 2)).tolist()))
        values = [at_ssim(front, level) for level in np.linspace(front[0].ssim, front[-1].ssim, 30)]
        assert all(value is not None for value in values)
        assert values == sorted(values)
