"""SWAG's softmaxes, against the equations index by index."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from nstbench.transfer import losses
from nstbench.transfer.namespace import NumpyNamespace

XP: Any = NumpyNamespace()
NAMES = ("swag_softmax", "swag_channel_softmax")


def smoothed(name: str, f: np.ndarray) -> np.ndarray:
    """exp F_ik / sum exp F_mn of one image (M, N): over all m and n, or over the positions of the same channel."""
    s = np.zeros_like(f)
    for k, i in np.ndindex(f.shape):
        others = f if name == "swag_softmax" else f[:, i : i + 1]
        s[k, i] = math.exp(f[k, i]) / math.fsum(math.exp(one) for one in others.ravel())
    return s


def by_loops(role: str, s: np.ndarray, t: np.ndarray) -> float:
    m, n = s.shape
    if role == "content":
        return sum((s[k, i] - t[k, i]) ** 2 for k in range(m) for i in range(n)) / 2
    total = 0.0
    for i in range(n):
        for j in range(n):
            g = sum(s[k, i] * s[k, j] for k in range(m))
            h = sum(t[k, i] * t[k, j] for k in range(m))
            total += (g - h) ** 2
    return total / (4 * n**2 * m**2)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("role", ["style", "content"])
def test_equations(make: Any, loss: Any, role: str, name: str) -> None:
    f, a = make(3, 7, 4), make(3, 7, 4)
    found = loss(getattr(losses, f"{role}_{name}"), f, a)
    expected = [by_loops(role, smoothed(name, x), smoothed(name, y)) for x, y in zip(f, a, strict=True)]
    np.testing.assert_allclose(found, expected, rtol=1e-11)


@pytest.mark.parametrize("name", NAMES)
def test_a_repeated_style_picture_is_the_same_style(make: Any, loss: Any, name: str) -> None:
    term = getattr(losses, f"style_{name}")
    f, a = make(1, 8, 6), make(1, 5, 6)
    np.testing.assert_allclose(loss(term, f, np.tile(a, (1, 3, 1))), loss(term, f, a), rtol=1e-11)
    np.testing.assert_allclose(loss(term, np.tile(a, (1, 2, 1)), a), 0, atol=1e-24)


@pytest.mark.parametrize("over", [(1, 2), (1,)])
def test_huge_activations_do_not_overflow(make: Any, over: tuple[int, ...]) -> None:
    f = make(2, 9, 5)
    sums = losses.softmax(XP, 1e4 * f, over).sum(axis=over)
    np.testing.assert_allclose(sums, np.ones_like(sums), rtol=1e-12)
    np.testing.assert_allclose(losses.softmax(XP, f + 1e3, over), losses.softmax(XP, f, over), rtol=1e-9)
