"""Figures as files: a PNG for the screen, a PDF for print, an SVG of a chart for pages, and the caption as text."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from nstbench.files import replacing, write_text
from nstbench.report.style import DPI

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["compact", "save", "save_png"]

_PNG_BYTES, _PDF_BYTES = 1_400_000, 1_500_000
_EXTRAS = re.compile(
    r"<\?xml.*?\?>\s*|<!DOCTYPE[^>]*>\s*|<!--.*?-->\s*|<metadata>.*?</metadata>\s*|<style.*?</style>\s*|^\s+",
    re.DOTALL | re.MULTILINE,
)
_PLACES = re.compile(r'(?: (?:d|x|y)="|translate\()[^")]*')
_DASH = re.compile(r"M([\d.-]+) ([\d.-]+)L([\d.-]+) \2(?![\d.])")
"""A level line; one that is nearly a point is a dot, as it has round ends."""
_STROKES = 'stroke-linejoin="round" stroke-linecap="butt"'
"""What matplotlib says of every line in a style sheet, which in a page would hold for all of its drawings."""


def save(figure: Figure, path: Path, caption: str, *, chart: bool) -> None:
    """Write ``path``, a PNG, and beside it a PDF, of a chart an SVG, and the caption; each atomically.

    The same figure and caption give the same bytes. Sheets of pictures get a lower resolution where a file would be
    larger than 1.5 MB. Raises ``RunError`` where the folder cannot be written or the disk is full.
    """
    with warnings.catch_warnings():
        # A name in a script the font lacks is drawn as boxes; that is no reason to warn about a report.
        warnings.simplefilter("ignore", UserWarning)
        # Laid out once, then fixed: every format shows the same, and labels stay where there was room for them.
        if (engine := figure.get_layout_engine()) is not None:
            engine.execute(figure)
            figure.set_layout_engine(None)  # "none" would lay out nothing at every format, which costs a drawing
        save_png(figure, path)
        _save_pdf(figure, path.with_suffix(".pdf"))
        if chart:
            _save_svg(figure, path.with_suffix(".svg"))
    write_text(path.with_suffix(".txt"), f"{caption}\n")


def save_png(figure: Figure, path: Path) -> None:
    """Write a PNG alone, atomically, at a lower resolution where it would be larger than 1.4 MB. Raises as ``save``."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    with replacing(path) as temporary:
        dpi = float(DPI)
        for _ in range(4):
            figure.set_dpi(dpi)
            canvas: Any = FigureCanvasAgg(figure)
            canvas.draw()
            # Without the alpha channel, which is opaque: an eighth less, in reports that are kept and mailed.
            picture = np.ascontiguousarray(np.asarray(canvas.buffer_rgba())[..., :3])
            Image.fromarray(picture).save(temporary, format="PNG", compress_level=6)
            size = temporary.stat().st_size
            if size <= _PNG_BYTES:
                break
            dpi *= 0.95 * (_PNG_BYTES / size) ** 0.5
        figure.set_dpi(DPI)


def _save_pdf(figure: Figure, path: Path) -> None:
    nothing = dict.fromkeys(("Creator", "Producer", "CreationDate"))
    with replacing(path) as temporary:
        dpi = float(DPI)  # of the pictures on the sheet
        for _ in range(4):
            figure.savefig(temporary, format="pdf", dpi=dpi, metadata=nothing)
            size = temporary.stat().st_size
            if size <= _PDF_BYTES:
                break
            dpi *= 0.95 * (_PDF_BYTES / size) ** 0.5


def _save_svg(figure: Figure, path: Path) -> None:
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    with replacing(path) as temporary:
        figure.savefig(temporary, format="svg", metadata=nothing)
        temporary.write_text(compact(temporary.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")


def compact(svg: str) -> str:
    """Return an SVG of matplotlib as it can stand in a page: no prologue, no comments, no style sheet, no long numbers.

    Places are rounded to hundredths of a point.
    """
    lean = _EXTRAS.sub("", svg).replace("<svg ", f"<svg {_STROKES} ", 1).replace("DejaVuSans-", "dv-")
    return _PLACES.sub(lambda place: _shorter(place[0]), lean)


def _shorter(place: str) -> str:
    rounded = re.sub(r"(\.\d\d)\d+", r"\1", place)
    lean = re.sub(r"\s*\n\s*|(?<=[MLQCz]) ", "", rounded)
    return _DASH.sub(
        lambda dash: f"M{dash[1]} {dash[2]}h0" if abs(float(dash[1]) - float(dash[3])) < 0.03 else dash[0], lean
    )
