"""Figures of the report inside the page: charts as they are, sheets of pictures smaller."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

from PIL import Image

from nstbench.plugin.protocols import StoredRun

__all__ = ["inlined"]

_LARGEST_CHART = 200_000
_WIDEST = 1200


def inlined(run: StoredRun) -> Callable[[str], str | None]:
    """Return what turns the address of a figure into one that holds the figure; None where there is no such file.

    A chart is drawn (SVG) where that is small; pictures become WebP of at most 1200 px.
    """

    def address(link: str) -> str | None:
        path = run.folder.path / unquote(link)
        drawn = path.with_suffix(".svg")
        if drawn.is_file() and drawn.stat().st_size <= _LARGEST_CHART:
            return f"data:image/svg+xml;base64,{base64.b64encode(drawn.read_bytes()).decode()}"
        return _webp(path) if path.is_file() else None

    return address


def _webp(path: Path) -> str:
    with Image.open(path) as image:
        sheet = image.convert("RGB")
    sheet.thumbnail((_WIDEST, 4 * _WIDEST), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    sheet.save(buffer, format="WEBP", quality=70, method=4)
    return f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}"
