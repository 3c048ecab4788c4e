"""Colours of an 8-bit image: profile to sRGB, transparency over white, everything to RGB."""

from __future__ import annotations

import io

from PIL import Image, ImageCms

__all__ = ["to_rgb"]

_MODE_OF_SPACE = {"GRAY": "L", "RGB": "RGB", "CMYK": "CMYK"}


def to_rgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return an 8-bit image of any mode in sRGB, what is transparent being laid over white.

    ``profile`` is the embedded ICC profile; one that is broken, or of another colour space than the image, is ignored.
    """
    colour, alpha = _split(image)
    colour = _to_srgb(colour, profile)
    if alpha is None:
        return colour
    white = Image.new("RGB", image.size, "white")
    white.paste(colour, mask=alpha)
    return white


def _split(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Return the image without its alpha (L, RGB or CMYK), and the alpha channel if it has one."""
    if image.has_transparency_data:
        # "La" and "RGBa" are multiplied by their alpha; a palette or one transparent colour becomes a channel.
        image = image.convert("LA" if image.mode in ("LA", "La") else "RGBA")
        *channels, alpha = image.split()
        return Image.merge("RGB" if len(channels) == 3 else "L", channels), alpha
    if image.mode not in ("L", "RGB", "CMYK"):
        image = image.convert("L" if image.mode == "1" else "RGB")
    return image, None


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if not profile:
        return image.convert("RGB")
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = _MODE_OF_SPACE.get(source.profile.xcolor_space.strip())
        if mode == "RGB" and image.mode == "L":
            image = image.convert("RGB")
        if mode != image.mode:
            return image.convert("RGB")
        target = ImageCms.createProfile("sRGB")
        intent = ImageCms.Intent.PERCEPTUAL
        converted = ImageCms.profileToProfile(image, source, target, renderingIntent=intent, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        return image.convert("RGB")
    return image.convert("RGB") if converted is None else converted
