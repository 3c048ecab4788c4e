"""Small pictures inside a page, as large as all of them together may be."""

from __future__ import annotations

import base64
import contextlib
import io
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from PIL import Image

from nstbench.measure.environment import usable_cores
from nstbench.pages.matrix import Picture, Show
from nstbench.report.canvas import read_picture

__all__ = ["Thumbnails", "encoded", "made_ahead"]

_SIDES = (256, 192, 144, 112, 88, 64, 48)
_BUDGET = 2_200_000
"""Bytes of all pictures of a page; a third more as text."""
_SAMPLE = 8
_QUALITY = 80


@dataclass(frozen=True, slots=True)
class Thumbnails:
    """Makes pictures of a run into ``data:`` addresses of at most ``side`` pixels, which link to the files.

    Addresses are relative to ``folder``, where the page lies.
    """

    folder: Path
    side: int

    @classmethod
    def fitting(cls, folder: Path, paths: Sequence[Path]) -> Thumbnails:
        """Choose the largest size at which the pictures, by the size of a few of them, fit into one page."""
        sample = [made for path in paths[:: max(len(paths) // _SAMPLE, 1)] if (made := read_picture(path)) is not None]
        for side in _SIDES:
            sizes = [len(encoded(_shrunk(Image.fromarray(picture), side))) for picture in sample]
            if not sizes or sum(sizes) / len(sizes) * len(paths) <= _BUDGET:
                return cls(folder, side)
        return cls(folder, _SIDES[-1])

    def __call__(self, path: Path) -> Picture | None:
        """Return the picture in a file, None where it is missing or damaged."""
        pixels = read_picture(path)
        if pixels is None:
            return None
        small = _shrunk(Image.fromarray(pixels), self.side)
        source = f"data:image/webp;base64,{base64.b64encode(encoded(small)).decode()}"
        return Picture(source, *small.size, quote(path.relative_to(self.folder).as_posix()))


@contextlib.contextmanager
def made_ahead(show: Show, paths: Sequence[Path]) -> Iterator[Show]:
    """Begin to make the pictures in other threads; what it yields gives them, and makes any that is not among them."""
    with ThreadPoolExecutor(usable_cores()) as pool:
        begun = {path: pool.submit(show, path) for path in paths}
        try:
            yield lambda path: begun[path].result() if path in begun else show(path)
        finally:
            pool.shutdown(cancel_futures=True)


def _shrunk(image: Image.Image, side: int) -> Image.Image:
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    return image


def encoded(image: Image.Image) -> bytes:
    """Return a small picture as a page holds it, WebP."""
    buffer = io.BytesIO()
    image.save(buffer, format="WEBP", quality=_QUALITY, method=4)
    return buffer.getvalue()
