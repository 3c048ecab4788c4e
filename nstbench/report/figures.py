"""All figures of a report, and which files they are."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from nstbench.report.grid import Block, Grid
from nstbench.report.tradeoff_curves import Panel
from nstbench.results import RunFolder

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["MOST_PAIRS", "ReportFigure", "draw_trade_offs", "write_figures"]

MOST_PAIRS = 24
"""Image pairs that get figures; the tables have all of them."""

_COLUMNS = 6
_ROWS = 8
_PAIRS = 3
_OWN = re.compile(r"((layers|triptych|loss)-\d+(-\d+)*-.*|tradeoff(-pictures)?(-\d+)?)\.png")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ReportFigure:
    """A written figure: ``path`` is relative to the run folder.

    ``kind`` is ``triptych``, ``layers``, ``loss`` or ``tradeoff``.
    """

    kind: str
    path: str
    caption: str


def write_figures(folder: RunFolder, grid: Grid, trade_offs: Sequence[Panel] = ()) -> list[ReportFigure]:
    """Draw everything there is something to draw for, and remove figures of an earlier report.

    Raises ``RunError`` where the folder cannot be written or the disk is full.
    """
    from nstbench.report.canvas import save

    written: list[ReportFigure] = []
    for number, block in enumerate(grid.blocks[:MOST_PAIRS], start=1):
        pair = re.sub(r"[^a-z0-9._-]+", "-", f"{block.content}-{block.style}".lower())[:80]
        for kind, part, figure, caption in _draw(folder, grid, block):
            path = f"figures/{kind}-{number}{part}-{pair}.png"
            save(figure, folder.path / path)
            written.append(ReportFigure(kind, path, caption))
    written += _write_trade_offs(folder, grid, trade_offs)
    _remove_others(folder.figures, {Path(each.path).name for each in written})
    return written


def _write_trade_offs(folder: RunFolder, grid: Grid, trade_offs: Sequence[Panel]) -> Iterator[ReportFigure]:
    from nstbench.report.canvas import save

    for path, figure, caption in draw_trade_offs(folder, grid, trade_offs):
        save(figure, folder.path / path)
        yield ReportFigure("tradeoff", path, caption)


def draw_trade_offs(folder: RunFolder, grid: Grid, trade_offs: Sequence[Panel]) -> Iterator[tuple[str, Figure, str]]:
    """Yield path, figure and caption: a few image pairs to a sheet of curves, and every pair's pictures."""
    from nstbench.report.figure_tradeoff import tradeoff_figure
    from nstbench.report.figure_tradeoff_pictures import pictures_figure

    groups = [(pair, list(own)) for pair, own in itertools.groupby(trade_offs, key=lambda panel: panel.pair)]
    for part, own in _parts(groups[:MOST_PAIRS], _PAIRS):
        names = ", ".join(f"{content} in the style of {style}" for (content, style), _ in own)
        figure = tradeoff_figure([panel for _, panels in own for panel in panels])
        caption = f"{names}: style distance against content SSIM, one curve per network, one panel per referee"
        yield f"figures/tradeoff{part}.png", figure, caption
    for number, ((content, style), panels) in enumerate(groups[:MOST_PAIRS], start=1):
        size = next(record.image_size for record in grid.ok if (record.content, record.style) == (content, style))
        if sheet := pictures_figure(folder, panels, size):
            caption = f"{content} in the style of {style}: of each network the picture nearest to each content SSIM"
            yield f"figures/tradeoff-pictures-{number}.png", sheet, caption


def _draw(folder: RunFolder, grid: Grid, block: Block) -> Iterator[tuple[str, str, Figure, str]]:
    """Yield kind, part of the file's name, figure and caption."""
    from nstbench.report.figure_curves import curves_figure
    from nstbench.report.figure_layers import layers_figure
    from nstbench.report.figure_triptych import triptych_figure

    pair = f"{block.content} in the style of {block.style}"
    largest = "content, style, and each network with its largest layer set"
    largest += f", at the first {' and '.join(grid.axes)}" if grid.axes else ""
    for part, columns in _parts(block.columns, _COLUMNS):
        if figure := triptych_figure(folder, block, columns):
            yield "triptych", part, figure, f"{pair}: {largest}"
    for part, rows in _parts(block.rows, _ROWS):
        for side, columns in _parts(block.columns, _COLUMNS):
            if figure := layers_figure(folder, grid, block, rows, columns):
                yield "layers", part + side, figure, f"{pair}: the stylised picture of every layer set of Table 1"
    if figure := curves_figure(folder, grid, block):
        yield "loss", "", figure, f"{pair}: total loss against iterations (each panel has its own scale)"


def _parts(values: Sequence[T], size: int) -> Iterator[tuple[str, tuple[T, ...]]]:
    """Cut a long row into pieces that fit on a page; a piece is numbered only where there are several."""
    for index, start in enumerate(range(0, len(values), size), start=1):
        yield f"-{index}" if len(values) > size else "", tuple(values[start : start + size])


def _remove_others(figures: Path, keep: set[str]) -> None:
    if not figures.is_dir():
        return
    for path in figures.iterdir():
        # Only what this module names: a figure that somebody put here by hand stays.
        if path.name not in keep and _OWN.fullmatch(path.name):
            path.unlink(missing_ok=True)
