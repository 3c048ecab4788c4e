"""Pixels of more than 8 bits: scaled to 0-255, never clipped.

Pillow opens 16-bit grey as such, but reads 16-bit colour with the high byte of each sample only. The low bytes are had
by reading the file once more with the byte order turned round, so that colour is rounded the same way as grey.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

__all__ = ["deep_rawmode", "scale_16_bit", "scale_colour", "scale_grey"]

_SWAPPED = {
    "RGB;16B": "RGB;16L",
    "RGB;16L": "RGB;16B",
    "RGBA;16B": "RGBA;16L",
    "RGBA;16L": "RGBA;16B",
    "LA;16B": "RGBA",  # four bytes a pixel: L high, L low, alpha high, alpha low
}
_BITS_PER_SAMPLE, _PLANAR = 258, 284


def scale_16_bit(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Return integers 0-65535 as ``round(value / 257)``, which takes 65535 to 255."""
    return ((values.astype(np.uint32) + 128) // 257).astype(np.uint8)


def deep_rawmode(image: ImageFile.ImageFile) -> str | None:
    """Return how a 16-bit colour file that is not loaded yet stores its pixels, or None for any other file.

    Raises ``ValueError`` for 16-bit TIFF with a plane for each channel, which Pillow reads as noise.
    """
    tags = getattr(image, "tag_v2", {})
    if tags.get(_PLANAR, 1) == 2 and max(tags.get(_BITS_PER_SAMPLE, (8,))) > 8:
        raise ValueError("a 16-bit TIFF with separate colour planes is not supported")
    arguments = image.tile[0][3] if image.tile else None
    rawmode = arguments if isinstance(arguments, str) else arguments[0] if arguments else ""
    # "N" is the order of this machine.
    rawmode = str(rawmode).replace(";16N", ";16L" if np.little_endian else ";16B")
    return rawmode if rawmode in _SWAPPED else None


def scale_colour(image: ImageFile.ImageFile, rawmode: str, again: Callable[[], ImageFile.ImageFile]) -> Image.Image:
    """Return a loaded 16-bit colour image in 8 bits, as LA, RGB or RGBA; ``again`` opens the same file once more."""
    with again() as second:
        second.tile = [tile._replace(args=_rawmode_in(tile.args, _SWAPPED[rawmode])) for tile in second.tile]
        swapped = np.asarray(second, dtype=np.uint16)
    if rawmode == "LA;16B":
        return _with_alpha_key(swapped[..., 0::2] * 256 + swapped[..., 1::2], None)
    values = np.asarray(image, dtype=np.uint16) * 256 + swapped
    return _with_alpha_key(values, image.info.get("transparency"))


def scale_grey(image: Image.Image) -> Image.Image:
    """Return an image of mode I or I;16 in 8 bits, as L or LA.

    Raises ``ValueError`` if a value is outside 0-65535: 32-bit grey has no agreed white.
    """
    values = np.asarray(image)
    if values.size and (values.min() < 0 or values.max() > 65535):
        raise ValueError("its integer samples are outside 0-65535")
    return _with_alpha_key(values, image.info.get("transparency"))


def _rawmode_in(arguments: Any, rawmode: str) -> Any:
    return rawmode if isinstance(arguments, str) else (rawmode, *arguments[1:])


def _with_alpha_key(values: NDArray[Any], key: object) -> Image.Image:
    """Scale to 8 bits; where PNG names one colour (16-bit ``key``) as transparent, it becomes an alpha channel."""
    scaled = scale_16_bit(values)
    if not isinstance(key, int | tuple):
        return Image.fromarray(scaled)
    channels = values.reshape(*values.shape[:2], -1)
    opaque = (channels != np.asarray(key)).any(axis=-1, keepdims=True)
    return Image.fromarray(np.concatenate([scaled.reshape(channels.shape), opaque.astype(np.uint8) * 255], axis=-1))
