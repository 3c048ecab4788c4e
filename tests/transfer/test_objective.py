from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nstbench.transfer.losses import content_mean, style_mean, total_variation
from nstbench.transfer.namespace import NumpyNamespace
from nstbench.transfer.objective import Objective, TermWeights

XP: Any = NumpyNamespace()
LAYERS = ("shallow", "middle", "deep")
RANDOM = np.random.default_rng(5)
IMAGE = RANDOM.uniform(0, 255, (3, 4, 5, 3))
FEATURES, CONTENT, STYLE = ({layer: RANDOM.normal(size=(3, 6, 4)) for layer in LAYERS} for _ in range(3))


def objective(style_layers: tuple[str, ...] = LAYERS, variation: str = "") -> Objective:
    return Objective(("deep",), style_layers, content_mean, style_mean, variation)


def losses(one: Objective, weights: np.ndarray, rows: slice = slice(None)) -> tuple[np.ndarray, np.ndarray]:
    cut = [{layer: values[rows] for layer, values in each.items()} for each in (FEATURES, CONTENT, STYLE)]
    return one.losses(XP, IMAGE[rows], cut[0], one.targets(XP, cut[1], cut[2]), weights)


def test_columns_and_layers() -> None:
    one = objective(variation="anisotropic")
    assert one.layers == LAYERS
    assert one.columns[:3] == ("total", "style", "content")
    assert one.columns[3:] == ("style:shallow", "style:middle", "style:deep", "content:deep", "total_variation")


def test_the_sums() -> None:
    one = objective(variation="anisotropic")
    total, table = losses(one, one.weight_table([TermWeights(("deep",), LAYERS[:2], 7.0, 3.0, 0.5)] * 3))
    named = dict(zip(one.columns, table.T, strict=True))
    raw = [np.mean((x.T @ x / 6 - a.T @ a / 6) ** 2) for x, a in zip(FEATURES["middle"], STYLE["middle"], strict=True)]
    np.testing.assert_allclose(named["style:middle"], raw, rtol=1e-13)
    np.testing.assert_allclose(
        named["content:deep"], np.mean((FEATURES["deep"] - CONTENT["deep"]) ** 2, axis=(1, 2)), rtol=1e-13
    )
    np.testing.assert_array_equal(named["total_variation"], total_variation(XP, IMAGE))
    np.testing.assert_allclose(named["style"], 3 * (named["style:shallow"] + named["style:middle"]) / 2, rtol=1e-13)
    np.testing.assert_allclose(named["content"], 7 * named["content:deep"], rtol=1e-13)
    np.testing.assert_allclose(total, named["style"] + named["content"] + 0.5 * named["total_variation"], rtol=1e-13)
    np.testing.assert_array_equal(total, named["total"])


def test_layers_without_weight_change_no_bit() -> None:
    terms = TermWeights(("deep",), LAYERS[:1], 7.0, 3.0)
    shared, own = objective(), objective(LAYERS[:1])
    table = losses(shared, shared.weight_table([terms] * 3))[1]
    alone = losses(own, own.weight_table([terms] * 3))[1]
    for column in own.columns:
        np.testing.assert_array_equal(
            table[:, shared.columns.index(column)], alone[:, own.columns.index(column)], err_msg=column
        )


def test_a_batch_is_its_images() -> None:
    one = objective(variation="anisotropic")
    sets = [TermWeights(("deep",), LAYERS[: n + 1], 10.0**n, 2.0, 0.1 * n) for n in range(3)]
    weights = one.weight_table(sets)
    assert weights.shape == (3, 5)
    totals, table = losses(one, weights)
    for i in range(3):
        total, row = losses(one, weights[i : i + 1], slice(i, i + 1))
        np.testing.assert_array_equal(totals[i : i + 1], total)
        np.testing.assert_array_equal(table[i : i + 1], row)


def test_weights() -> None:
    one = objective(variation="anisotropic")
    terms = TermWeights(("deep",), ("shallow", "deep"), 6.0, 4.0, 0.25)
    np.testing.assert_array_equal(one.layer_weights(terms), [0.5, 0.0, 0.5, 1.0, 1.0])
    np.testing.assert_array_equal(one.weight_table([terms]), [[2.0, 0.0, 2.0, 6.0, 0.25]])


def test_content_alone() -> None:
    one = objective(())
    total, table = losses(one, one.weight_table([TermWeights(("deep",), (), 2.0, 5.0)] * 3))
    np.testing.assert_array_equal(table[:, 1], 0)
    np.testing.assert_array_equal(total, table[:, 2])
    assert total == pytest.approx(2 * table[:, 3])
