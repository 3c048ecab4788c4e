"""Sorted projections, against Python's own sorting."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nstbench.transfer.losses import directions, style_sliced_wasserstein


def quantile(values: list[float], level: float) -> float:
    """Return the value at a level of sorted values, which lie at (j + 1/2) / M, with straight lines between them."""
    levels = [(j + 0.5) / len(values) for j in range(len(values))]
    if level <= levels[0] or level >= levels[-1]:
        return values[0] if level <= levels[0] else values[-1]
    j = max(j for j in range(len(values)) if levels[j] <= level)
    part = (level - levels[j]) / (levels[j + 1] - levels[j])
    return values[j] * (1 - part) + values[j + 1] * part


def by_loops(f: np.ndarray, a: np.ndarray) -> float:
    m, n = f.shape
    total = 0.0
    for line in directions(n):
        x, y = (sorted(float(sum(row * line)) for row in points) for points in (f, a))
        total += sum((x[k] - quantile(y, (k + 0.5) / m)) ** 2 for k in range(m)) / m
    return total / n


@pytest.mark.parametrize("positions", [7, 5, 12, 21, 1])
def test_formula(make: Any, loss: Any, positions: int) -> None:
    f, a = make(3, 7, 4), make(3, positions, 4)
    expected = [by_loops(*pair) for pair in zip(f, a, strict=True)]
    np.testing.assert_allclose(loss(style_sliced_wasserstein, f, a), expected, rtol=1e-11)


def test_directions_are_unit_vectors_and_always_the_same() -> None:
    found = directions(5)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), np.ones(5), rtol=1e-14)
    # RandomState's stream is frozen: the first normal deviates of seed 0.
    first = np.array([1.764052345967664, 0.4001572083672233, 0.9787379841057392, 2.240893199201458, 1.8675579901499675])
    np.testing.assert_allclose(found[0], first / np.linalg.norm(first), rtol=1e-12)


def test_places_do_not_matter_but_the_shape_of_the_distribution_does(make: Any, loss: Any) -> None:
    f = make(1, 40, 3)
    shuffled = np.random.default_rng(0).permutation(f, axis=1)
    np.testing.assert_allclose(loss(style_sliced_wasserstein, shuffled, f), 0, atol=1e-28)
    # Two points or a bell with the same mean and variance: a Gram matrix in one dimension cannot tell them apart.
    two, bell = np.tile([[[-1.0], [1.0]]], (1, 20, 1)), np.sort(make(1, 40, 1), axis=1)
    bell = (bell - bell.mean()) / bell.std()
    assert loss(style_sliced_wasserstein, two, bell) > 0.05
