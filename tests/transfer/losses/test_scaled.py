"""SWAG as released: only deep layers are scaled, and the scale is the features'."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nstbench.transfer import losses
from nstbench.transfer.namespace import NumpyNamespace
from nstbench.transfer.objective import Objective, TermWeights


@pytest.mark.parametrize(("role", "plain"), [("style", "normalised"), ("content", "mean")])
def test_a_deep_layer_is_a_thousandth(make: Any, loss: Any, role: str, plain: str) -> None:
    scaled, unscaled = getattr(losses, f"{role}_swag_scaled"), getattr(losses, f"{role}_{plain}")
    f, a = make(2, 6, 4), make(2, 6, 4)
    for stride in (1, 2, 4, 8):
        np.testing.assert_array_equal(loss(scaled.at(stride), f, a), loss(unscaled, f, a))
    for stride in (16, 32):
        np.testing.assert_allclose(loss(scaled.at(stride), f, a), loss(unscaled, 1e-3 * f, 1e-3 * a), rtol=1e-10)


@pytest.mark.parametrize("size", [(64, 64), (67, 90), (100, 61), (97, 131)])
@pytest.mark.parametrize("rounding", [np.floor, np.ceil])
def test_the_objective_knows_the_strides(size: tuple[int, int], rounding: Any) -> None:
    """Networks round the size of their maps up or down at each step."""
    random, maps, shape = np.random.default_rng(0), {}, np.array(size)
    for stride in (1, 2, 4, 8, 16):
        maps[f"stride{stride}"] = random.normal(size=(1, int(shape.prod()), 3))
        shape = rounding(shape / 2).astype(int)
    one = Objective((), tuple(maps), losses.content_mean, losses.style_swag_scaled)
    plain = Objective((), tuple(maps), losses.content_mean, losses.style_normalised)
    other = {layer: values + 1.0 for layer, values in maps.items()}
    rows = []
    for objective in (one, plain):
        targets = objective.targets(NumpyNamespace(), maps, other)
        weights = objective.weight_table([TermWeights((), tuple(maps), 0.0, 1.0)])
        rows.append(objective.losses(NumpyNamespace(), np.zeros((1, *size, 3)), maps, targets, weights)[1][0, 3:])
    np.testing.assert_allclose(rows[0] / rows[1], [1, 1, 1, 1, 1e-12], rtol=1e-12)
