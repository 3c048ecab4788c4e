from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nstbench.errors import NotApplicable
from nstbench.referee.distances import content_distance, gram_distance, style_distance

Make = Callable[..., Any]


@pytest.fixture
def features() -> dict[str, dict[str, np.ndarray]]:
    random = np.random.default_rng(0)
    shapes = {"image": (30, 12), "content": (30, 12), "style": (20, 12)}
    return {
        name: {"low": random.normal(1, 2, shape), "high": random.normal(0, 1, shape)} for name, shape in shapes.items()
    }


def gram(F: np.ndarray) -> np.ndarray:
    """Written out, entry by entry."""
    M, N = F.shape
    return np.array([[sum(F[k, i] * F[k, j] for k in range(M)) for j in range(N)] for i in range(N)]) / (M * N)


def test_style_distance_is_the_mean_ratio_to_the_untouched_content(exhibit: Make, features: Any) -> None:
    shown = exhibit(found=features, style_layers=("low", "high"))
    expected = {}
    for layer in ("low", "high"):
        target = gram(features["style"][layer])
        ours, untouched = (np.mean((gram(features[name][layer]) - target) ** 2) for name in ("image", "content"))
        expected[layer] = ours / untouched
    found = style_distance(shown)
    assert found == pytest.approx({"": (expected["low"] + expected["high"]) / 2, **expected}, rel=1e-12)


def test_content_distance_is_relative_to_the_features_size(exhibit: Make, features: Any) -> None:
    found = content_distance(exhibit(found=features, content_layers=("high",)))
    image, content = features["image"]["high"], features["content"]["high"]
    expected = sum(((image - content) ** 2).ravel()) / sum((content**2).ravel())
    assert found == pytest.approx({"": expected, "high": expected}, rel=1e-12)


def test_the_untouched_content_and_the_style_itself_are_one_and_nought(exhibit: Make, features: Any) -> None:
    layers = {"content_layers": ("low", "high"), "style_layers": ("low", "high")}
    untouched = exhibit(found=features | {"image": features["content"]}, **layers)
    assert style_distance(untouched)[""] == 1
    assert content_distance(untouched)[""] == 0
    assert style_distance(exhibit(found=features | {"image": features["style"]}, **layers))[""] == 0


def test_the_number_of_positions_and_channels_cancels(features: Any) -> None:
    a, b = features["image"]["low"], features["style"]["low"]
    assert gram_distance(np.tile(a, (3, 1)), b) == pytest.approx(gram_distance(a, b), rel=1e-12)


def test_without_anything_to_compare_there_is_no_value(exhibit: Make, features: Any) -> None:
    same = features | {"style": features["content"]}
    with pytest.raises(NotApplicable, match="content and style do not differ in low"):
        style_distance(exhibit(found=same, style_layers=("low",)))
    empty = features | {"content": {"low": np.zeros((30, 12))}}
    with pytest.raises(NotApplicable, match="no features in low"):
        content_distance(exhibit(found=empty, content_layers=("low",)))
