"""The matrix of pictures: a row per layer set, a column per network and backend, content and style at the edges."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from nstbench.report.grid import Block, Column, Grid, Row, weights_name
from nstbench.report.numbers import loss, significant
from nstbench.results import Record, RunFolder, Status
from nstbench.results.marks import marks_of

__all__ = ["Line", "Matrix", "Picture", "Show", "Tile", "matrices"]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as a page shows it: ``source`` of an ``<img>``, its size in pixels, the address of the whole file."""

    source: str
    width: int
    height: int
    link: str


Show = Callable[[Path], Picture | None]
"""What turns a file of the run into a picture of the page: None where the file is missing or damaged."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A place of the matrix. Without a ``picture``, ``status`` and ``reason`` say why; both empty: it has not run,
    or was not ``asked`` for.

    ``name`` tells it from all others of the page, ``caption`` is its total loss, ``marks`` what is doubtful about it,
    ``animation`` the address of its optimisation as an animated picture.
    """

    name: str
    picture: Picture | None = None
    status: str = ""
    reason: str = ""
    caption: str = ""
    marks: tuple[str, ...] = ()
    animation: str | None = None
    asked: bool = True


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the matrix: a layer set, with the settings that vary down the rows."""

    name: str
    layers: str
    tiles: tuple[Tile, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """All results of one content and one style picture; ``columns`` are (network, backend, weights)."""

    content_name: str
    style_name: str
    content: Picture | None
    style: Picture | None
    columns: tuple[tuple[str, str, str], ...]
    lines: tuple[Line, ...]


def matrices(grid: Grid, folder: RunFolder, show: Show) -> list[Matrix]:
    """Return a matrix per image pair; ``show`` is asked for each picture once, in the order of the page."""
    return [_matrix(grid, block, folder, show) for block in grid.blocks]


def _matrix(grid: Grid, block: Block, folder: RunFolder, show: Show) -> Matrix:
    sizes = [record.image_size for record in block.records.values()]
    content, style = (show(folder.input(name, max(sizes))) for name in (block.content, block.style))
    columns = tuple((column.label, column.backend, weights_name(column.weights)) for column in block.columns)
    lines = tuple(_line(grid, block, row, folder, show) for row in block.rows)
    return Matrix(block.content, block.style, content, style, columns, lines)


def _line(grid: Grid, block: Block, row: Row, folder: RunFolder, show: Show) -> Line:
    records = [block.records.get((row, column)) for column in block.columns]
    tiles = [_tile(grid, block, row, column, folder, show) for column in block.columns]
    return Line(grid.row_name(row), _layers([record for record in records if record]), tuple(tiles))


def _layers(records: Sequence[Record]) -> str:
    """Return the style layers of a row where they are the same for all networks, else how many there are."""
    sets = list(dict.fromkeys(record.style_layers for record in records))
    if len(sets) == 1:
        return sets[0].replace(" ", ", ")
    numbers = sorted({len(one.split()) for one in sets})
    count = "–".join(map(str, dict.fromkeys((numbers[0], numbers[-1]))))
    return f"{count} style layer{'' if numbers[-1] == 1 else 's'}"


def _tile(grid: Grid, block: Block, row: Row, column: Column, folder: RunFolder, show: Show) -> Tile:
    record = block.records.get((row, column))
    name = f"{column.label} · {column.backend} · {grid.row_name(row)}"
    if sum((other.label, other.backend) == (column.label, column.backend) for other in block.columns) > 1:
        name = f"{column.label} · {column.backend} · {column.weights} · {grid.row_name(row)}"
    if record is None:
        return Tile(name, asked=not grid.complete)
    if record.status is not Status.OK:
        return Tile(name, status=record.status.value, reason=record.reason)
    picture = show(folder.image(record.cell))
    if picture is None:
        return Tile(name, status="no picture", reason="image.png is missing or damaged")
    animation = folder.path / "cells" / record.cell / "optimisation.webp"
    moving = picture.link.rpartition("/")[0] + f"/{animation.name}" if animation.is_file() else None
    return Tile(name, picture, caption=_caption(record), marks=tuple(marks_of([record])), animation=moving)


def _caption(record: Record) -> str:
    relative = f" ({significant(record.relative_total)})" if record.relative_total is not None else ""
    return f"{loss(record.total)}{relative}"
