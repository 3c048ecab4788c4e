"""What tests of refused pictures, weights and folders share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

Refused = Callable[..., str]
WriteSuite = Callable[..., Path]

CONTENT = '"skimage:chelsea"'
TORCH = ("backends: [torch, tensorflow]", "backends: [torch]")


def picture(path: str, size: tuple[int, int] = (48, 40)) -> Path:
    values = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(values).save(path)
    return Path(path)


def assert_nothing_ran(out: str = "out") -> None:
    assert not Path(out).exists()
