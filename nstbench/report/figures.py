"""All figures of a report, and which files they are."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from nstbench.files import remove_others
from nstbench.report.drawing import ReportFigure, Sheet
from nstbench.report.grid import Block, Grid
from nstbench.report.tradeoff_curves import Panel
from nstbench.results import RunFolder

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["PAIRS", "remove_earlier", "sheets", "trade_off_sheets"]

PAIRS = 3
"""Image pairs that get figures where nobody asks for more, a sheet of trade-offs; the tables have all of them."""

_COLUMNS = 6
_ROWS = 8
_REFEREES, _JUDGED = 3, 1500
"""Referees on a sheet: three, or fewer where a sheet would have more judgements than a small SVG holds."""
_SUFFIXES = (".png", ".pdf", ".svg", ".txt")
_OWN = re.compile(r"((layers|triptych|loss)-\d+(-\d+)*-.*|(tradeoff(-pictures)?|referees)(-\d+)?)\.(png|pdf|svg|txt)")

T = TypeVar("T")
_Make = Callable[[], "Figure | None"]


def sheets(folder: RunFolder, grid: Grid, trade_offs: Sequence[Panel] = (), pairs: int = PAIRS) -> list[Sheet]:
    """Return everything that there may be something to draw for; of image pairs the first ``pairs``.

    Each pair takes seconds to draw.
    """
    return [*_pairs(folder, grid, pairs), *trade_off_sheets(folder, grid, trade_offs, pairs), *_referees(grid)]


def remove_earlier(folder: RunFolder, written: Sequence[ReportFigure]) -> None:
    """Remove figures of an earlier report: those that are not among ``written``."""
    keep = {Path(each.path).with_suffix(suffix).name for each in written for suffix in _SUFFIXES}
    remove_others(folder.figures, keep, _OWN)


def _pairs(folder: RunFolder, grid: Grid, most: int) -> Iterator[Sheet]:
    for number, block in enumerate(grid.blocks[:most], start=1):
        pair = re.sub(r"[^a-z0-9._-]+", "-", f"{block.content}-{block.style}".lower())[:80]
        for kind, part, make, caption in _of_a_pair(folder, grid, block):
            yield Sheet(kind, f"{kind}-{number}{part}-{pair}", caption, kind == "loss", make)


def trade_off_sheets(
    folder: RunFolder, grid: Grid, trade_offs: Sequence[Panel], most: int | None = None
) -> Iterator[Sheet]:
    """Yield a few image pairs to a sheet of curves, and every pair's pictures; of ``most`` pairs, or all."""
    from nstbench.report.figure_tradeoff import tradeoff_figure
    from nstbench.report.figure_tradeoff_pictures import pictures_figure

    groups = [(pair, list(own)) for pair, own in itertools.groupby(trade_offs, key=lambda panel: panel.pair)]
    for part, own in _parts(groups[:most], PAIRS):
        names = ", ".join(f"{content} in the style of {style}" for (content, style), _ in own)
        make = partial(tradeoff_figure, [panel for _, panels in own for panel in panels], grid.columns)
        caption = f"{names}: style distance against content SSIM, one curve per network, one panel per referee"
        yield Sheet("tradeoff", f"tradeoff{part}", caption, True, make)
    for number, ((content, style), panels) in enumerate(groups[:most], start=1):
        size = next(record.image_size for record in grid.ok if (record.content, record.style) == (content, style))
        caption = f"{content} in the style of {style}: of each network the picture nearest to each content SSIM"
        pictures = partial(pictures_figure, folder, panels, size)
        yield Sheet("tradeoff", f"tradeoff-pictures-{number}", caption, False, pictures)


def _referees(grid: Grid) -> Iterator[Sheet]:
    from nstbench.report.figure_referees import judged, referees_figure

    panels = [(one.label, rows) for one in grid.judgements.referees if (rows := judged(grid, one))]
    most = max((sum(len(row.style) for row in rows) for _, rows in panels), default=1)
    for part, own in _parts(panels, max(min(_REFEREES, _JUDGED // most), 1)):
        names = " and ".join(label for label, _ in own)
        caption = (
            f"Every picture as judged by {names}: style distance, a row per network with its median, and against it "
            "content distance; a network's judgement of its own pictures is hollow and marked †"
        )
        yield Sheet("referee", f"referees{part}", caption, True, partial(referees_figure, own, grid.columns))


def _of_a_pair(folder: RunFolder, grid: Grid, block: Block) -> Iterator[tuple[str, str, _Make, str]]:
    """Yield kind, part of the file's name, what draws it, and caption."""
    from nstbench.report.figure_curves import curves_figure
    from nstbench.report.figure_layers import layers_figure
    from nstbench.report.figure_triptych import triptych_figure

    pair = f"{block.content} in the style of {block.style}"
    largest = "content, style, and each network with its largest layer set"
    largest += f", at the first {' and '.join(grid.axes)}" if grid.axes else ""
    for part, columns in _parts(block.columns, _COLUMNS):
        yield "triptych", part, partial(triptych_figure, folder, block, columns), f"{pair}: {largest}"
    for part, rows in _parts(block.rows, _ROWS):
        for side, columns in _parts(block.columns, _COLUMNS):
            sheet = partial(layers_figure, folder, grid, block, rows, columns)
            yield "layers", part + side, sheet, f"{pair}: the stylised picture of every layer set of Table 1"
    curves = partial(curves_figure, folder, grid, block)
    yield "loss", "", curves, f"{pair}: total loss against iterations (each panel has its own scale)"


def _parts(values: Sequence[T], size: int) -> Iterator[tuple[str, tuple[T, ...]]]:
    """Cut a long row into pieces that fit on a page; a piece is numbered only where there are several."""
    for index, start in enumerate(range(0, len(values), size), start=1):
        yield f"-{index}" if len(values) > size else "", tuple(values[start : start + size])
