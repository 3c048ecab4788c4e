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

__all__ = ["PAIRS", "ReportFigure", "write_figures", "write_trade_offs"]

PAIRS = 4
"""Image pairs that get figures where nobody asks for more; the tables have all of them."""

_COLUMNS = 6
_ROWS = 8
_PAIRS_ON_A_SHEET = 3
_REFEREES, _JUDGED = 3, 1500
"""Referees on a sheet: three, or fewer where a sheet would have more judgements than a small SVG holds."""
_OWN = re.compile(r"((layers|triptych|loss)-\d+(-\d+)*-.*|(tradeoff(-pictures)?|referees)(-\d+)?)\.(png|pdf|svg|txt)")
_CHARTS = ("loss", "tradeoff", "referee")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ReportFigure:
    """A written figure: ``path``, its PNG, is relative to the run folder.

    Beside the PNG, under the same name, are a ``.pdf``, the caption as ``.txt`` and, of charts, an ``.svg``.
    ``kind`` is ``triptych``, ``layers``, ``loss``, ``tradeoff`` or ``referee``.
    """

    kind: str
    path: str
    caption: str


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A figure that is not written yet; ``stem`` is its name without a suffix."""

    kind: str
    stem: str
    figure: Figure
    caption: str


def write_figures(
    folder: RunFolder, grid: Grid, trade_offs: Sequence[Panel] = (), pairs: int = PAIRS
) -> list[ReportFigure]:
    """Draw everything there is something to draw for, and remove figures of an earlier report.

    Of image pairs, the first ``pairs`` are drawn: each takes seconds.
    Raises ``RunError`` where the folder cannot be written or the disk is full.
    """
    from nstbench.report.figure_files import SUFFIXES, remove_others

    drawn = itertools.chain(_pairs(folder, grid, pairs), _trade_offs(folder, grid, trade_offs, pairs), _referees(grid))
    written = _write(folder.path, drawn)
    keep = {Path(each.path).with_suffix(suffix).name for each in written for suffix in SUFFIXES}
    remove_others(folder.figures, keep, _OWN)
    return written


def write_trade_offs(folder: RunFolder, grid: Grid, trade_offs: Sequence[Panel], place: Path) -> list[ReportFigure]:
    """Draw the trade-offs of a run into ``figures/`` of another folder. Raises ``RunError`` as ``write_figures``."""
    return _write(place, _trade_offs(folder, grid, trade_offs))


def _write(place: Path, drawn: Iterator[_Drawn]) -> list[ReportFigure]:
    from nstbench.report.figure_files import save
    from nstbench.report.style import applied

    written: list[ReportFigure] = []
    with applied():
        for each in drawn:
            path = f"figures/{each.stem}.png"
            save(each.figure, place / path, each.caption, chart=each.kind in _CHARTS and "pictures" not in each.stem)
            written.append(ReportFigure(each.kind, path, each.caption))
    return written


def _pairs(folder: RunFolder, grid: Grid, most: int) -> Iterator[_Drawn]:
    for number, block in enumerate(grid.blocks[:most], start=1):
        pair = re.sub(r"[^a-z0-9._-]+", "-", f"{block.content}-{block.style}".lower())[:80]
        for kind, part, figure, caption in _draw(folder, grid, block):
            yield _Drawn(kind, f"{kind}-{number}{part}-{pair}", figure, caption)


def _trade_offs(
    folder: RunFolder, grid: Grid, trade_offs: Sequence[Panel], most: int | None = None
) -> Iterator[_Drawn]:
    """Draw a few image pairs to a sheet of curves, and every pair's pictures; of ``most`` pairs, or all."""
    from nstbench.report.figure_tradeoff import tradeoff_figure
    from nstbench.report.figure_tradeoff_pictures import pictures_figure

    groups = [(pair, list(own)) for pair, own in itertools.groupby(trade_offs, key=lambda panel: panel.pair)]
    for part, own in _parts(groups[:most], _PAIRS_ON_A_SHEET):
        names = ", ".join(f"{content} in the style of {style}" for (content, style), _ in own)
        figure = tradeoff_figure([panel for _, panels in own for panel in panels], grid.columns)
        caption = f"{names}: style distance against content SSIM, one curve per network, one panel per referee"
        yield _Drawn("tradeoff", f"tradeoff{part}", figure, caption)
    for number, ((content, style), panels) in enumerate(groups[:most], start=1):
        size = next(record.image_size for record in grid.ok if (record.content, record.style) == (content, style))
        if sheet := pictures_figure(folder, panels, size):
            caption = f"{content} in the style of {style}: of each network the picture nearest to each content SSIM"
            yield _Drawn("tradeoff", f"tradeoff-pictures-{number}", sheet, caption)


def _referees(grid: Grid) -> Iterator[_Drawn]:
    from nstbench.report.figure_referees import judged, referees_figure

    panels = [(one.label, rows) for one in grid.judgements.referees if (rows := judged(grid, one))]
    most = max((sum(len(row.style) for row in rows) for _, rows in panels), default=1)
    for part, own in _parts(panels, max(min(_REFEREES, _JUDGED // most), 1)):
        names = " and ".join(label for label, _ in own)
        caption = (
            f"Every picture as judged by {names}: style distance, a row per network with its median, and against it "
            "content distance; a network's judgement of its own pictures is hollow and marked †"
        )
        yield _Drawn("referee", f"referees{part}", referees_figure(own, grid.columns), caption)


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
