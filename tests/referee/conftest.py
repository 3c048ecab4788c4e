"""Exhibits made of arrays, without a network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest
from PIL import Image

Array = np.ndarray


@dataclass
class FakeExhibit:
    """See ``nstbench.plugin.protocols.Exhibit``; ``found`` maps a picture to its features."""

    image: Array
    content: Array
    style: Array
    content_layers: tuple[str, ...] = ()
    style_layers: tuple[str, ...] = ()
    found: dict[str, dict[str, Array]] = field(default_factory=dict)

    def features(self, picture: str) -> dict[str, Array]:
        return self.found[picture]


def picture(seed: int, size: tuple[int, int] = (40, 48)) -> Array:
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    return np.array(Image.fromarray(coarse).resize(size[::-1], Image.Resampling.BICUBIC))


@pytest.fixture
def exhibit() -> Callable[..., FakeExhibit]:
    """Return a function that makes an exhibit, of three pictures of one size unless it is told otherwise."""

    def make(**parts: object) -> FakeExhibit:
        size = parts.pop("size", (40, 48))
        pictures = {name: picture(seed, size) for seed, name in enumerate(("image", "content", "style"))}
        return FakeExhibit(**(pictures | parts))

    return make
