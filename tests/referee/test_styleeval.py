from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nstbench.errors import NotApplicable
from nstbench.plugin import load_catalogue
from nstbench.referee import styleeval
from nstbench.referee.styleeval import best_matches, content_fidelity, distinct_patches, global_effects, local_patterns

Make = Callable[..., Any]
CHANNELS = {"block2_conv1": 6, "block3_conv1": 5, "block4_conv1": 4, "block5_conv1": 3}


def features(seed: int, height: int, width: int) -> dict[str, np.ndarray]:
    """Of the sizes that VGG19 gives, none negative."""
    random = np.random.default_rng(seed)
    sizes = {layer: (height >> int(layer[5]) - 1) * (width >> int(layer[5]) - 1) for layer in CHANNELS}
    return {layer: np.maximum(random.normal(0.3, 1, (sizes[layer], CHANNELS[layer])), 0) for layer in CHANNELS}


@pytest.fixture
def shown(exhibit: Make) -> Any:
    made = exhibit(size=(67, 58))
    made.style = made.style[:50, :64]
    made.found = {name: features(i, *getattr(made, name).shape[:2]) for i, name in enumerate(("image", "content"))}
    made.found["style"] = features(2, *made.style.shape[:2])
    return made


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    return float(a.ravel() @ b.ravel() / np.sqrt((a.ravel() @ a.ravel()) * (b.ravel() @ b.ravel())))


def patches(maps: np.ndarray) -> np.ndarray:
    height, width, _ = maps.shape
    every = [maps[y : y + 3, x : x + 3].ravel() for y in range(height - 2) for x in range(width - 2)]
    return np.array(every)


def test_content_fidelity(shown: Any) -> None:
    image, content = shown.found["image"], shown.found["content"]
    expected = (cosine(*(each["block4_conv1"] for each in (image, content)))) / 2
    expected += (cosine(*(each["block5_conv1"] for each in (image, content)))) / 2
    assert content_fidelity(shown) == pytest.approx(expected, rel=1e-12)


def test_global_effects(shown: Any) -> None:
    image, style = shown.found["image"], shown.found["style"]
    grams = [cosine(image[layer].T @ image[layer], style[layer].T @ style[layer]) for layer in CHANNELS]
    counts = [[np.bincount(one[..., i].ravel() // 2, minlength=128) for i in range(3)] for one in _two(shown)]
    colours = [cosine(a.astype(float), b.astype(float)) for a, b in zip(*counts, strict=True)]
    assert global_effects(shown) == pytest.approx(np.mean(grams) / 2 + np.mean(colours) / 2, rel=1e-12)


def _two(shown: Any) -> tuple[np.ndarray, np.ndarray]:
    return shown.image, shown.style


def test_local_patterns(shown: Any) -> None:
    similar, variety = [], []
    for layer in ("block3_conv1", "block4_conv1"):
        scale = int(layer[5]) - 1
        ours, theirs = (
            patches(found[layer].reshape(pixels.shape[0] >> scale, pixels.shape[1] >> scale, -1))
            for found, pixels in ((shown.found["image"], shown.image), (shown.found["style"], shown.style))
        )
        ours, theirs = (each / np.linalg.norm(each, axis=1, keepdims=True) for each in (ours, theirs))
        cosines = ours @ theirs.T
        similar.append(cosines.max(axis=1).mean())
        variety.append(len(set(cosines.argmax(axis=1))) / len(theirs))
    assert local_patterns(shown) == pytest.approx(np.mean(similar) / 2 + np.mean(variety) / 2, rel=1e-12)


def test_a_picture_that_is_the_style_has_full_marks(shown: Any) -> None:
    shown.image, shown.found["image"] = shown.style, shown.found["style"]
    assert global_effects(shown) == pytest.approx(1, abs=1e-12)
    assert local_patterns(shown) == pytest.approx(1, abs=1e-12)


def test_equal_patches_count_once() -> None:
    tile = np.random.default_rng(0).normal(0, 1, (4, 4, 3))
    tiled = np.tile(tile, (3, 3, 1))
    assert distinct_patches(tiled) == distinct_patches(tiled * 7) == 16
    cosines, matches = best_matches(tiled, tiled)
    assert cosines == pytest.approx(1, abs=1e-12)
    assert len(set(matches)) == 16  # of equal ones always the first


def test_features_that_are_nowhere_positive_match_nothing() -> None:
    dark, bright = np.zeros((5, 5, 2)), np.ones((5, 5, 2))
    assert best_matches(dark, bright)[0].tolist() == [0.0] * 9
    assert best_matches(bright, dark)[0].tolist() == [0.0] * 9


def test_pictures_without_patches_have_a_reason(exhibit: Make) -> None:
    shown = exhibit(size=(23, 60))
    shown.found = dict.fromkeys(("image", "style"), features(0, 23, 60))
    with pytest.raises(NotApplicable, match="block4_conv1 has no 3x3 patches, only 7x2 positions"):
        local_patterns(shown)
    shown.found = dict.fromkeys(("image", "style"), features(0, 40, 60))
    with pytest.raises(NotApplicable, match="positions, not 5x15"):
        local_patterns(shown)


def test_the_announcements_name_the_layers_that_are_looked_at() -> None:
    metrics = load_catalogue().metrics
    layers = {name: metrics[name].layers["vgg19"] for name in ("content_fidelity", "global_effects", "local_patterns")}
    own = (styleeval.CONTENT, styleeval.GLOBAL, styleeval.LOCAL)
    assert tuple(layers.values()) == own
