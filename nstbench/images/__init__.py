"""Pictures: where they are, how they are read, resized and written.

Only what a plan needs is imported here; ``decode``, ``download``, ``prepare``, ``resize`` and ``write`` import NumPy
and Pillow and are imported by their full names.
"""

from __future__ import annotations

from nstbench.images.locate import IMAGE_SUFFIXES, ImageSource, LocatedImage, as_source, locate_image

__all__ = ["IMAGE_SUFFIXES", "ImageSource", "LocatedImage", "as_source", "locate_image"]
