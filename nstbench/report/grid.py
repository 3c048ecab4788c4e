"""Records arranged as Table 1 wants them: one block per image pair, layer sets down, networks across."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from nstbench.report.numbers import setting
from nstbench.results import Judgements, Record, Status

__all__ = ["Block", "Column", "Grid", "Row", "is_untrained", "make_grid", "weights_name"]

NO_JUDGEMENTS = Judgements()

T = TypeVar("T", bound=Hashable)

_PLACE = ("content", "style", "label", "backbone", "backend", "weights", "layer_set")
_AXES = (
    "image_size",
    "content_layers",
    "content_loss",
    "style_loss",
    "content_weight",
    "style_weight",
    "total_variation_weight",
    "total_variation_loss",
    "optimizer",
    "learning_rate",
    "beta1",
    "beta2",
    "epsilon",
    "epsilon_placement",
    "iterations",
    "init",
    "precision",
    "seed",
    "style_layers",
)


@dataclass(frozen=True, slots=True)
class Column:
    """One network in one framework with one set of weights."""

    label: str
    backend: str
    weights: str

    @property
    def head(self) -> str:
        """Return the column's head; it always names the weights."""
        return f"{self.label} · {self.backend} · {weights_name(self.weights)}"

    @property
    def key(self) -> str:
        """Return the column's name in CSV files."""
        return f"{self.label} {self.backend} {self.weights}"


@dataclass(frozen=True, slots=True)
class Row:
    """One layer set, at one point of the other axes that the suite varies (``values``, in the order of the axes)."""

    layer_set: str
    values: tuple[Hashable, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """All records of one content and style picture; a row and column without a record have not run yet,
    or were not asked for.

    ``repeats`` has every repeat of a cell, ``records`` the first of them: what is drawn.
    """

    content: str
    style: str
    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    records: dict[tuple[Row, Column], Record]
    repeats: dict[tuple[Row, Column], tuple[Record, ...]] = field(default_factory=dict)

    def in_column(self, column: Column) -> list[Record]:
        """Return the column's records, from top to bottom."""
        return [self.records[row, column] for row in self.rows if (row, column) in self.records]


@dataclass(frozen=True, slots=True)
class Grid:
    """Everything a report shows. ``axes`` are the settings, beyond the layer set, that vary down the rows.

    ``complete``: every cell of the run has a record, so that a place without one was not asked for.
    """

    axes: tuple[str, ...]
    blocks: tuple[Block, ...]
    records: tuple[Record, ...]
    judgements: Judgements = NO_JUDGEMENTS
    complete: bool = False

    @property
    def columns(self) -> tuple[Column, ...]:
        """Return the columns of all blocks, in the order of the suite."""
        return _columns(self.records)

    @property
    def ok(self) -> tuple[Record, ...]:
        """Return the records of the cells that succeeded."""
        return tuple(record for record in self.records if record.status is Status.OK)

    def of(self, column: Column) -> list[Record]:
        """Return the records of a column's cells that succeeded."""
        return [record for record in self.ok if _column(record) == column]

    def row_name(self, row: Row) -> str:
        """Return a row's name in words, with the settings that tell it from the others."""
        return ", ".join(filter(None, (f"set {row.layer_set}", self.settings(row))))

    def settings(self, row: Row) -> str:
        """Return the settings of a row that vary: ``learning_rate 5, seed 0``; empty where only layer sets do."""
        return ", ".join(f"{axis} {setting(value)}" for axis, value in zip(self.axes, row.values, strict=True))


def is_untrained(weights: str) -> bool:
    """Say whether a set of weights, by its name, is random."""
    return weights.split(":")[0] == "random"


def weights_name(weights: str) -> str:
    """Return the name of a set of weights, saying so where it is untrained."""
    return f"{weights} (untrained)" if is_untrained(weights) else weights


def make_grid(records: Sequence[Record], judgements: Judgements = NO_JUDGEMENTS, cells: int | None = None) -> Grid:
    """Arrange the records (one per cell, in the order of the suite), with what the referees say of them.

    ``cells`` is how many the run has, whether or not they have a record.
    """
    axes = _varying(records)
    pairs = _unique((record.content, record.style) for record in records)
    blocks = tuple(_block(pair, axes, records) for pair in pairs)
    return Grid(axes, blocks, tuple(records), judgements, complete=cells is not None and len(records) >= cells)


def _varying(records: Sequence[Record]) -> tuple[str, ...]:
    """Return the settings needed, beside the place in the table, to tell all cells apart."""
    chosen: tuple[str, ...] = ()
    count = _distinct(records, _PLACE)
    for axis in _AXES:
        with_axis = _distinct(records, (*_PLACE, *chosen, axis))
        if with_axis > count:
            chosen, count = (*chosen, axis), with_axis
    return chosen


def _distinct(records: Sequence[Record], names: tuple[str, ...]) -> int:
    return len({tuple(getattr(record, name) for name in names) for record in records})


def _block(pair: tuple[str, str], axes: tuple[str, ...], records: Sequence[Record]) -> Block:
    own = [record for record in records if (record.content, record.style) == pair]
    repeats: dict[tuple[Row, Column], tuple[Record, ...]] = {}
    for record in own:
        place = (_row(record, axes), _column(record))
        repeats[place] = (*repeats.get(place, ()), record)
    first = {place: min(records, key=lambda record: record.repeat) for place, records in repeats.items()}
    return Block(*pair, _rows(row for row, _ in first), _columns(own), first, repeats)


def _rows(found: Iterable[Row]) -> tuple[Row, ...]:
    """Return each row once, by layer set and then by each axis: all in the order in which they first come."""
    rows = _unique(found)
    orders = [_unique(row.layer_set for row in rows), *map(_unique, zip(*(row.values for row in rows), strict=True))]
    places = [{value: place for place, value in enumerate(order)} for order in orders]
    keys = {row: [own[value] for own, value in zip(places, (row.layer_set, *row.values), strict=True)] for row in rows}
    return tuple(sorted(rows, key=keys.__getitem__))


def _row(record: Record, axes: tuple[str, ...]) -> Row:
    return Row(record.layer_set, tuple(getattr(record, axis) for axis in axes))


def _columns(records: Sequence[Record]) -> tuple[Column, ...]:
    """Return the columns of records, less those that the suite itself leaves out altogether, if there are others."""
    wanted = [record for record in records if record.status is not Status.SKIPPED]
    return _unique(_column(record) for record in wanted or records)


def _column(record: Record) -> Column:
    return Column(record.label, record.backend, record.weights)


def _unique(values: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(values))
