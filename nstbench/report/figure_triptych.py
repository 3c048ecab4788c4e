"""Figures 3 to 5 of the report: content, style, and what each network made of them."""

from __future__ import annotations

import string

from matplotlib.figure import Figure

from nstbench.report.canvas import Canvas, Picture, read_picture, tile_size
from nstbench.report.figure_layers import column_lines, column_width, draw_result, head_height
from nstbench.report.grid import Block, Column
from nstbench.report.markdown import shorten
from nstbench.results import Record, RunFolder, Status

__all__ = ["fullest", "triptych_figure"]

_CAPTION = 20
_GAP = 10


def triptych_figure(folder: RunFolder, block: Block, columns: tuple[Column, ...]) -> Figure | None:
    """Draw content, style and one result per column, in one line; None if there is no result to show."""
    records = {column: fullest(block, column) for column in columns}
    results = {column: read_picture(folder.image(record.cell)) for column, record in records.items()}
    if not any(picture is not None for picture in results.values()):
        return None
    size = next(iter(records.values())).image_size
    inputs = [(name, read_picture(folder.input(name, size))) for name in (block.content, block.style)]
    shown = [(role, *each) for role, each in zip(("content", "style"), inputs, strict=True) if each[1] is not None]
    tile = tile_size([*(picture for _, _, picture in shown), *results.values()])
    heads = [*(f"{role}\n{shorten(name, 22)}" for role, name, _ in shown), *map(column_lines, columns)]
    head, step = head_height(heads), column_width(tile) + _GAP
    canvas = Canvas(len(heads) * step + _GAP, head + tile[1] + _CAPTION)
    boxes = [(_GAP + index * step + (step - _GAP - tile[0]) // 2, head, *tile) for index in range(len(heads))]
    _draw_heads(canvas, boxes, heads)
    _draw_inputs(canvas, boxes, [picture for _, _, picture in shown])
    for box, column in zip(boxes[len(shown) :], columns, strict=False):
        draw_result(canvas, box, records[column], results[column])
    return canvas.figure


def fullest(block: Block, column: Column) -> Record:
    """Return the column's record with the most style layers; of several, the first that succeeded."""
    return max(
        block.in_column(column),
        key=lambda record: (len(record.style_layers.split()), record.status is Status.OK),
    )


def _draw_heads(canvas: Canvas, boxes: list[tuple[int, int, int, int]], heads: list[str]) -> None:
    for letter, box, head in zip(string.ascii_lowercase, boxes, heads, strict=False):
        middle = box[0] + box[2] // 2
        canvas.text(middle, box[1] - 6, f"{letter}) {head}", align="center", baseline="bottom")


def _draw_inputs(canvas: Canvas, boxes: list[tuple[int, int, int, int]], pictures: list[Picture | None]) -> None:
    for box, picture in zip(boxes, pictures, strict=False):
        if picture is not None:
            canvas.picture(box, picture)
