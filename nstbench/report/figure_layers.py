"""Figure 6 of the report: the stylised picture of every layer set, network by network."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass

from matplotlib.figure import Figure

from nstbench.report.canvas import Canvas, Picture, read_picture, tile_size
from nstbench.report.grid import Block, Column, Grid, Row, weights_name
from nstbench.report.markdown import shorten
from nstbench.report.numbers import loss
from nstbench.report.style import TICK
from nstbench.results import Record, RunFolder, Status

__all__ = ["column_lines", "column_width", "draw_result", "head_height", "layers_figure"]

_CAPTION = 20
_GAP = 10
_LETTERS = 22


@dataclass(frozen=True, slots=True)
class _Sheet:
    """Sizes in pixels: of a picture, and of the columns it stands in."""

    tile: tuple[int, int]
    left: int
    head: int

    @property
    def step(self) -> int:
        return column_width(self.tile) + _GAP

    def box(self, row: int, column: int) -> tuple[int, int, int, int]:
        left = self.left + column * self.step + (self.step - _GAP - self.tile[0]) // 2
        return left, self.head + row * (self.tile[1] + _CAPTION), *self.tile


def layers_figure(
    folder: RunFolder, grid: Grid, block: Block, rows: tuple[Row, ...], columns: tuple[Column, ...]
) -> Figure | None:
    """Draw rows x columns of stylised pictures, content and style at the right edge; None if there is no picture."""
    places = [(row, column) for row in rows for column in columns if (row, column) in block.records]
    pictures = {place: read_picture(folder.image(block.records[place].cell)) for place in places}
    if not any(picture is not None for picture in pictures.values()):
        return None
    names = [_row_lines(grid, row) for row in rows]
    sheet = _Sheet(tile_size(list(pictures.values())), _left(names), head_height(map(column_lines, columns)))
    size = block.records[places[0]].image_size
    inputs = [(role, name, read_picture(folder.input(name, size))) for role, name in _roles(block)]
    shown = [each for each in inputs if each[2] is not None]
    edge = -(-len(shown) // len(rows))
    canvas = Canvas(sheet.left + (len(columns) + edge) * sheet.step, sheet.box(len(rows), 0)[1] + 4)
    _draw_heads(canvas, sheet, columns)
    for down, row in enumerate(rows):
        canvas.text(10, sheet.box(down, 0)[1] + sheet.tile[1] // 2, names[down], baseline="center")
        for across, column in enumerate(columns):
            record = block.records.get((row, column))
            if record or not grid.complete:
                draw_result(canvas, sheet.box(down, across), record, pictures.get((row, column)))
    _draw_inputs(canvas, sheet, shown, len(rows), len(columns))
    return canvas.figure


def column_lines(column: Column) -> str:
    """Return a column's head in lines short enough to stand above a picture."""
    weights = weights_name(_last_part(column.weights)).replace(" (", "\n(").split("\n")
    lines = (line for text in (column.label, column.backend, *weights) for line in textwrap.wrap(text, _LETTERS))
    return "\n".join(shorten(line, _LETTERS) for line in lines)


def head_height(heads: Iterable[str]) -> int:
    """Return the pixels that the tallest of some heads needs above a picture."""
    return 14 + 14 * max(head.count("\n") + 1 for head in heads)


def column_width(tile: tuple[int, int]) -> int:
    """Return the width of a column in pixels: of the picture or, if that is narrow, of its head."""
    return max(tile[0], 6 * _LETTERS)


def draw_result(canvas: Canvas, box: tuple[int, int, int, int], record: Record | None, picture: Picture | None) -> None:
    """Draw a cell's picture with its total loss, or a grey tile that says why there is none."""
    if record is None:
        canvas.grey(box, "not run")
    elif record.status is not Status.OK:
        canvas.grey(box, record.status.value, record.reason)
    elif picture is None:
        canvas.grey(box, "no picture", "image.png is missing or damaged")
    else:
        canvas.picture(box, picture)
        canvas.text(box[0] + box[2] // 2, box[1] + box[3] + 3, f"total loss {loss(record.total)}", TICK, align="center")


def _draw_heads(canvas: Canvas, sheet: _Sheet, columns: tuple[Column, ...]) -> None:
    for across, column in enumerate(columns):
        left, _, width, _ = sheet.box(0, across)
        canvas.text(left + width // 2, sheet.head - 6, column_lines(column), align="center", baseline="bottom")


def _row_lines(grid: Grid, row: Row) -> str:
    return "\n".join(shorten(line, 28) for line in grid.row_name(row).split(", "))


def _left(names: list[str]) -> int:
    """Return the width of the margin that holds the rows' names."""
    return 24 + 6 * max(len(line) for name in names for line in name.split("\n"))


def _draw_inputs(
    canvas: Canvas, sheet: _Sheet, shown: list[tuple[str, str, Picture | None]], rows: int, columns: int
) -> None:
    for index, (role, name, picture) in enumerate(shown):
        box = sheet.box(index % rows, columns + index // rows)
        if picture is not None:
            canvas.picture(box, picture)
        caption = shorten(f"{role}: {name}", 26)
        canvas.text(box[0] + box[2] // 2, box[1] + box[3] + 3, caption, TICK, align="center")


def _roles(block: Block) -> tuple[tuple[str, str], tuple[str, str]]:
    return ("content", block.content), ("style", block.style)


def _last_part(weights: str) -> str:
    kind, _, path = weights.partition(":")
    return f"file:{path.replace(chr(92), '/').split('/')[-1]}" if kind == "file" else weights
