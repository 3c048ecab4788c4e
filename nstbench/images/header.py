"""What the head of a picture's file says, before any pixel is read."""

from __future__ import annotations

from pathlib import Path

from PIL import ExifTags, Image, ImageFile

__all__ = ["FORMATS", "open_picture", "orientation", "upright_size"]

FORMATS = ("AVIF", "BMP", "GIF", "JPEG", "JPEG2000", "PNG", "PPM", "TGA", "TIFF", "WEBP")
"""Formats that are read. Pillow knows more, some of which start other programs (EPS)."""

_ON_ITS_SIDE = (5, 6, 7, 8)
"""EXIF orientations of pictures that are stored with their sides exchanged."""


def open_picture(path: Path) -> ImageFile.ImageFile:
    """Open a picture without reading its pixels. Raises whatever Pillow does."""
    Image.init()
    # Pillow may have been built without some of them.
    return Image.open(path, formats=[name for name in FORMATS if name in Image.OPEN])


def orientation(image: Image.Image) -> int:
    """Return the EXIF orientation, 1 (upright) where there is none."""
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # a broken EXIF block says nothing about the pixels
        return 1


def upright_size(path: Path) -> tuple[int, int] | None:
    """Return (height, width) of a picture as it is decoded, None if its head cannot be read."""
    try:
        with open_picture(path) as image:
            # Pillow gives the size of a TIFF upright already.
            turned = image.format != "TIFF" and orientation(image) in _ON_ITS_SIDE
            return (image.width, image.height) if turned else (image.height, image.width)
    except Exception:  # decoders raise nearly anything on damaged files
        return None
