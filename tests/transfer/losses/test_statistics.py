"""Channel means and standard deviations, against loops."""

from __future__ import annotations

import statistics
from typing import Any

import numpy as np

from nstbench.transfer.losses import style_adain


def by_loops(f: np.ndarray, a: np.ndarray) -> float:
    total = 0.0
    for i in range(f.shape[1]):
        x, y = f[:, i].tolist(), a[:, i].tolist()
        total += (statistics.fmean(x) - statistics.fmean(y)) ** 2
        total += ((statistics.pvariance(x) + 1e-5) ** 0.5 - (statistics.pvariance(y) + 1e-5) ** 0.5) ** 2
    return total / f.shape[1]


def test_formula(make: Any, loss: Any) -> None:
    f, a = make(3, 7, 4), 3 * make(3, 11, 4) - 2
    expected = [by_loops(*pair) for pair in zip(f, a, strict=True)]
    np.testing.assert_allclose(loss(style_adain, f, a), expected, rtol=1e-11)


def test_places_do_not_matter(make: Any, loss: Any) -> None:
    f, a = make(1, 8, 6), make(1, 5, 6)
    shuffled = np.random.default_rng(0).permutation(f, axis=1)
    np.testing.assert_allclose(loss(style_adain, shuffled, f), 0, atol=1e-28)
    np.testing.assert_allclose(loss(style_adain, f, np.tile(a, (1, 3, 1))), loss(style_adain, f, a), rtol=1e-12)
