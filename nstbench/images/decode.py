"""Read any picture as RGB: upright, opaque, 8 bits a channel, in sRGB."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, UnidentifiedImageError

from nstbench.errors import ImageError
from nstbench.images.colour import to_rgb
from nstbench.images.depth import deep_rawmode, scale_colour, scale_grey
from nstbench.images.header import FORMATS, open_picture, orientation

__all__ = ["decode"]

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF orientation -> what turns the stored pixels upright (EXIF 2.32, tag 0x0112)."""


def decode(path: Path) -> NDArray[np.uint8]:
    """Return the picture in a file as an array (height, width, 3), sRGB, 0-255; of an animation, the first frame.

    Grey and CMYK become RGB, alpha is laid over white, 16 bits are scaled to 8, the EXIF orientation is applied, an
    embedded ICC profile is converted to sRGB. Raises ``ImageError`` if the file cannot be read as an image.
    """
    with _explained(path), open_picture(path) as image:
        profile = image.info.get("icc_profile")
        flat = to_rgb(_to_8_bit(image, path), profile)
        # After loading: Pillow turns TIFF upright by itself, and takes the tag away then.
        turn = _TURNS.get(orientation(image))
        return np.array(flat if turn is None else flat.transpose(turn))


def _to_8_bit(image: ImageFile.ImageFile, path: Path) -> Image.Image:
    rawmode = deep_rawmode(image)
    image.load()
    if rawmode is not None:
        return scale_colour(image, rawmode, lambda: open_picture(path))
    if image.mode.startswith("I"):
        return scale_grey(image)
    if image.mode == "F":
        raise ValueError("its pixels are floating-point numbers, whose range is not known")
    return image


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn whatever Pillow raises into one sentence and a remedy; keep its warnings to ourselves."""
    try:
        if path.is_dir():
            raise IsADirectoryError("it is a folder")
        if path.exists() and not path.is_file():
            raise OSError("it is not a file")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except Exception as error:  # decoders raise nearly anything on damaged files
        reason = _reason(error, path)
        raise ImageError(f"{path} cannot be read as an image: {reason}. Replace it by a picture that opens.") from error


def _reason(error: Exception, path: Path) -> str:
    if isinstance(error, FileNotFoundError | PermissionError):
        return (error.strerror or "it cannot be opened").lower()
    if path.is_file() and path.stat().st_size == 0:
        return "the file is empty"
    if isinstance(error, UnidentifiedImageError):
        return f"it is damaged, or of a kind that is not known here ({', '.join(FORMATS)}; no floating point)"
    if isinstance(error, Image.DecompressionBombError):
        return "it has too many pixels"
    if isinstance(error, MemoryError):
        return "there is not enough memory for it"
    text = (str(error).splitlines() or [""])[0].strip().rstrip(".")
    return text[:120] or type(error).__name__
