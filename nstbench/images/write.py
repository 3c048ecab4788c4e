"""Stylised images as PNG, with the settings that made them inside."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin

from nstbench.errors import ImageError
from nstbench.files import replacing
from nstbench.measure.environment import distribution_version

__all__ = ["read_settings", "save_png", "to_uint8"]

_KEY = "nstbench"


def to_uint8(array: NDArray[Any]) -> NDArray[np.uint8]:
    """Return values of any real type, meant as 0-255, rounded (half to even) and clipped; NaN becomes 0."""
    rounded = np.clip(np.rint(np.nan_to_num(array, nan=0.0)), 0, 255)
    return np.asarray(rounded, dtype=np.uint8)


def save_png(array: NDArray[Any], path: Path, settings: Mapping[str, object]) -> None:
    """Write an image (height, width, 3), uint8 or real 0-255, as PNG with ``settings`` in its metadata, atomically.

    The same image and settings give the same bytes. The settings are JSON under the key ``nstbench``, not-a-number
    being null there. Raises ``RunError`` where the file cannot be written.
    """
    info = PngImagePlugin.PngInfo()
    info.add_text("Software", f"nstbench {distribution_version('nstbench') or 'unknown'}")
    encoded = msgspec.json.encode(dict(settings), order="sorted", enc_hook=str)
    # ASCII, so that it is plain tEXt, which every reader shows.
    info.add_text(_KEY, json.dumps(json.loads(encoded), ensure_ascii=True))
    with replacing(path) as temporary:
        Image.fromarray(to_uint8(array)).save(temporary, format="PNG", pnginfo=info, compress_level=6)


def read_settings(path: Path) -> dict[str, Any]:
    """Return the settings inside a PNG of ours. Raises ``ImageError`` if there are none."""
    try:
        with Image.open(path, formats=("PNG",)) as image:
            image.load()  # PNG may hold texts after its pixels
            settings = json.loads(image.info[_KEY])
    except (KeyError, OSError, SyntaxError, ValueError) as error:
        raise ImageError(f"{path} holds no settings of nstbench. Name a cell's image.png.") from error
    return dict(settings)
