"""A figure laid out in pixels: pictures, grey tiles for what failed, and text."""

from __future__ import annotations

import textwrap
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.image import BboxImage
from matplotlib.patches import Rectangle
from matplotlib.transforms import Bbox, TransformedBbox
from numpy.typing import NDArray
from PIL import Image

from nstbench.report.markdown import shorten
from nstbench.report.style import DPI, NOTE, TICK

__all__ = ["Canvas", "Picture", "read_picture", "tile_size"]

Picture = NDArray[np.uint8]

_LARGEST = 256
_SMALLEST = 132
_PIXELS = 600_000


def read_picture(path: Path) -> Picture | None:
    """Return a picture as RGB, at most 256 px on its long side; None where the file is missing or damaged."""
    try:
        with warnings.catch_warnings(), Image.open(path) as image:
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            rgb = image.convert("RGB")
            rgb.thumbnail((_LARGEST, _LARGEST), Image.Resampling.LANCZOS)
            return np.asarray(rgb, dtype=np.uint8)
    # Pillow raises nearly anything on a damaged file, and one bad picture must not cost the report.
    except Exception:
        return None


def tile_size(pictures: list[Picture | None]) -> tuple[int, int]:
    """Return the width and height of a tile: the first picture's shape, and smaller the more pictures there are."""
    shape = next((picture.shape for picture in pictures if picture is not None), (1, 1, 3))
    affordable = int((_PIXELS / max(len(pictures), 1)) ** 0.5)
    scale = max(min(max(shape[:2]), affordable, _LARGEST), _SMALLEST) / max(shape[:2])
    return max(round(shape[1] * scale), 1), max(round(shape[0] * scale), 1)


class Canvas:
    """A white sheet of ``width`` x ``height`` pixels; positions are pixels from its top left corner."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self.figure = Figure(figsize=(width / DPI, height / DPI), dpi=DPI)

    def picture(self, box: tuple[int, int, int, int], picture: Picture) -> None:
        """Show a picture inside a box (left, top, width, height), in its own proportions."""
        height, width = picture.shape[:2]
        scale = min(box[2] / width, box[3] / height)
        across, down = width * scale, height * scale
        place = self._place((box[0] + (box[2] - across) / 2, box[1] + (box[3] - down) / 2, across, down))
        # No axes around it: a sheet has dozens of pictures, and axes took most of its time.
        shown = BboxImage(TransformedBbox(Bbox.from_bounds(*place), self.figure.transFigure), origin="upper")
        shown.set_data(picture)
        self.figure.add_artist(shown)

    def grey(self, box: tuple[int, int, int, int], title: str, reason: str = "") -> None:
        """Show a grey tile in the place of a picture that does not exist."""
        left, bottom, width, height = self._place(box)
        self.figure.add_artist(Rectangle((left, bottom), width, height, facecolor="0.9", edgecolor="0.75"))
        lines = _wrapped(reason, columns=max(box[2] // 6, 8), most=max((box[3] - 30) // 13, 0))
        middle, first = box[0] + box[2] // 2, box[1] + (box[3] - 16 - 13 * len(lines)) // 2
        self.text(middle, first, title, align="center")
        self.text(middle, first + 18, "\n".join(lines), size=TICK, align="center")

    def text(
        self,
        left: int,
        top: int,
        text: str,
        size: float = NOTE,
        align: str = "left",
        baseline: str = "top",
    ) -> None:
        """Write text, literally, at a point."""
        x, y = left / self.width, 1 - top / self.height
        readable = "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in text)
        style: dict[str, Any] = {
            "fontsize": size,
            "ha": align,
            "va": baseline,
            "linespacing": 1.25,
        }
        self.figure.text(x, y, readable, parse_math=False, **style)

    def _place(self, box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        left, top, width, height = box
        bottom = self.height - top - height
        return left / self.width, bottom / self.height, width / self.width, height / self.height


def _wrapped(text: str, columns: int, most: int) -> list[str]:
    return textwrap.wrap(shorten(text), columns, max_lines=most, placeholder=" …") if most else []
