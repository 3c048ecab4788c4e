from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nstbench.testing.closed_form import FORMULAS, loss_and_gradient
from nstbench.transfer import losses
from nstbench.transfer.namespace import NumpyNamespace

XP: Any = NumpyNamespace()
TERMS = {(role, name): getattr(losses, f"{role}_{name}") for role, names in FORMULAS.items() for name in names}
Make = Callable[..., np.ndarray]


@pytest.fixture
def make() -> Make:
    random = np.random.default_rng(3)
    return lambda *shape: random.normal(0.3, 2.0, shape)


def loss(term: Any, features: np.ndarray, target: np.ndarray) -> np.ndarray:
    return np.asarray(term.loss(XP, features, term.target(XP, target)))


def by_loops(role: str, name: str, f: np.ndarray, a: np.ndarray) -> float:
    """The formulas as they are printed, index by index, for one image (M, N)."""
    if role == "content":
        total = sum((f[i, j] - a[i, j]) ** 2 for i in range(f.shape[0]) for j in range(f.shape[1]))
        return float(total * {"sum": 1, "half_sum": 0.5, "mean": 1 / f.size}[name])
    n = f.shape[1]
    total = 0.0
    for i in range(n):
        for j in range(n):
            g = sum(f[k, i] * f[k, j] for k in range(len(f))) / len(f)
            h = sum(a[k, i] * a[k, j] for k in range(len(a))) / len(a)
            total += {"normalised": (g / n - h / n) ** 2}.get(name, (g - h) ** 2)
    return float(total / {"gatys": 4 * n * n}.get(name, n * n))


def positions_of_target(role: str, m: int) -> int:
    """Style pictures have a size of their own."""
    return m if role == "content" else m + 5


@pytest.mark.parametrize(("role", "name"), TERMS)
def test_formulas(make: Make, role: str, name: str) -> None:
    f, a = make(3, 7, 4), make(3, positions_of_target(role, 7), 4)
    found = loss(TERMS[role, name], f, a)
    assert found.shape == (3,)
    np.testing.assert_allclose(found, [by_loops(role, name, *pair) for pair in zip(f, a, strict=True)], rtol=1e-12)
    np.testing.assert_allclose(found, loss_and_gradient(role, name, f, a)[0], rtol=1e-12)


@pytest.mark.parametrize(("role", "name"), TERMS)
def test_a_batch_is_its_images(make: Make, role: str, name: str) -> None:
    f, a = make(3, 6, 5), make(3, positions_of_target(role, 6), 5)
    alone = [loss(TERMS[role, name], f[i : i + 1], a[i : i + 1])[0] for i in range(3)]
    np.testing.assert_array_equal(loss(TERMS[role, name], f, a), alone)


@pytest.mark.parametrize(("role", "name"), TERMS)
def test_the_closed_gradient_is_that_of_the_formula(make: Make, role: str, name: str) -> None:
    f, a = make(2, 6, 3), make(2, positions_of_target(role, 6), 3)
    gradient = loss_and_gradient(role, name, f, a)[1]
    step = 1e-5
    for index in np.ndindex(f.shape):
        ends = [f.copy(), f.copy()]
        ends[0][index] += step
        ends[1][index] -= step
        after, before = (loss(TERMS[role, name], end, a)[index[0]] for end in ends)
        assert gradient[index] == pytest.approx((after - before) / (2 * step), rel=1e-6, abs=1e-8)


@pytest.mark.parametrize(("role", "name"), TERMS)
def test_nothing_is_lost_on_the_target_itself(make: Make, role: str, name: str) -> None:
    f = make(2, 6, 3)
    np.testing.assert_array_equal(loss(TERMS[role, name], f, f), [0, 0])


def test_the_style_losses_differ_by_a_factor(make: Make) -> None:
    f, a, n = make(1, 8, 6), make(1, 8, 6), 6
    mean = loss(losses.style_mean, f, a)
    np.testing.assert_allclose(mean, 4 * loss(losses.style_gatys, f, a), rtol=1e-14)
    np.testing.assert_allclose(mean / n**2, loss(losses.style_normalised, f, a), rtol=1e-14)
    # With as many positions in both, the report's printed formula: sum (G - A)^2 / (4 N^2 M^2).
    printed = np.sum((f[0].T @ f[0] - a[0].T @ a[0]) ** 2) / (4 * n**2 * 8**2)
    np.testing.assert_allclose(loss(losses.style_gatys, f, a), [printed], rtol=1e-12)


def test_a_repeated_style_picture_is_the_same_style(make: Make) -> None:
    f, a = make(1, 8, 6), make(1, 5, 6)
    for term in (losses.style_gatys, losses.style_mean, losses.style_normalised):
        np.testing.assert_allclose(loss(term, f, np.tile(a, (1, 3, 1))), loss(term, f, a), rtol=1e-12)


def test_the_content_losses_differ_by_a_factor(make: Make) -> None:
    f, p = make(1, 8, 6), make(1, 8, 6)
    np.testing.assert_allclose(loss(losses.content_sum, f, p), 2 * loss(losses.content_half_sum, f, p), rtol=1e-14)
    np.testing.assert_allclose(loss(losses.content_sum, f, p), 48 * loss(losses.content_mean, f, p), rtol=1e-14)
