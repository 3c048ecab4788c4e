"""Both total variations, against loops over pixels."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from nstbench.transfer.losses import VARIATIONS
from nstbench.transfer.namespace import NumpyNamespace

XP: Any = NumpyNamespace()


def by_loops(kind: str, image: np.ndarray) -> float:
    height, width, _ = image.shape
    total = 0.0
    for y, x, c in np.ndindex(image.shape):
        down = image[y + 1, x, c] - image[y, x, c] if y < height - 1 else None
        right = image[y, x + 1, c] - image[y, x, c] if x < width - 1 else None
        known = [one for one in (down, right) if one is not None]
        if kind == "anisotropic":
            total += sum(abs(one) for one in known)
        elif known:
            total += math.sqrt(sum(one**2 for one in known) + 1e-6)
    return total


@pytest.mark.parametrize("kind", VARIATIONS)
def test_formula(make: Any, kind: str) -> None:
    images = make(2, 4, 6, 3)
    expected = [by_loops(kind, image) for image in images]
    np.testing.assert_allclose(VARIATIONS[kind](XP, images), expected, rtol=1e-13)


def test_a_flat_picture_has_next_to_none() -> None:
    flat = np.full((1, 4, 4, 3), 7.0)
    assert VARIATIONS["anisotropic"](XP, flat) == 0
    np.testing.assert_allclose(VARIATIONS["isotropic"](XP, flat), 3 * 15 * 1e-3, rtol=1e-12)


def test_only_the_isotropic_one_charges_a_slanted_edge_by_its_length() -> None:
    size = 60
    y, x = np.mgrid[:size, :size]
    edges = [x < size / 2, x + y < size]  # upright, of length 60; slanted, of length 60 sqrt(2)
    upright, slanted = (np.stack([edge * 100.0] * 3, axis=-1)[None] for edge in edges)
    ratios = {kind: float(one(XP, slanted)[0] / one(XP, upright)[0]) for kind, one in VARIATIONS.items()}
    assert ratios["anisotropic"] == pytest.approx(2, rel=0.03)
    assert ratios["isotropic"] == pytest.approx(math.sqrt(2), rel=0.03)
