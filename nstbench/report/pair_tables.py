"""Table 1 of one image pair: the same tables for ``report.md`` and for LaTeX."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nstbench.report import table1
from nstbench.report.comparing import block_rows, machines
from nstbench.report.grid import Block, Column, Grid
from nstbench.report.marks import footnotes
from nstbench.report.notes import comparisons
from nstbench.results import Status

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PairTable", "pair_tables"]

_Make = Callable[[Grid, Block, tuple[Column, ...]], "pd.DataFrame"]
_Quantity = tuple[str, str, _Make, tuple[str, ...]]

_COLUMNS = 6
_SAME = "Closed and open as under the losses"
_SHARED = (
    "Layer sets may share a compiled step, which looks at the layers of all of them: times of rows do not say what a "
    "layer costs."
)
_JUDGED = "Comparable across networks, whatever their losses; † is a network's judgement of its own pictures."


@dataclass(frozen=True, slots=True)
class PairTable:
    """One quantity: ``frames`` are the table in parts of at most six networks.

    ``heading`` and ``notes``, which stand below the table, are markdown. ``key`` is ``losses``, ``runtime``,
    ``similarity`` or ``style-distance``.
    """

    key: str
    heading: str
    frames: tuple[pd.DataFrame, ...]
    notes: tuple[str, ...]


def pair_tables(grid: Grid, block: Block) -> list[PairTable]:
    """Return the tables of an image pair, that of the referees only where there are any.

    Where no cell succeeded it is the one that says why.
    """
    records = [record for each in block.repeats.values() for record in each]
    losses = (*comparisons(block), *footnotes(records))
    made: list[_Quantity] = [("losses", "Total = style + content loss (L/L₀)", table1.losses, losses)]
    if not any(record.status is Status.OK for record in records):
        return [_made(grid, block, *made[0])]
    made += [
        ("runtime", "Runtime", table1.runtimes, (f"{_SAME}; {machines(block_rows(block))}.", *_shared(block))),
        ("similarity", "SSIM with content / style", table1.similarities, (f"{_SAME}.",)),
    ]
    if grid.judgements.referees:
        heading = f"Style distance by {table1.referees(grid)} (less is better)"
        made.append(("style-distance", heading, table1.judgements, (_JUDGED,)))
    return [_made(grid, block, *each) for each in made]


def _made(grid: Grid, block: Block, key: str, heading: str, make: _Make, notes: tuple[str, ...]) -> PairTable:
    return PairTable(key, heading, _parts(grid, block, make), notes)


def _shared(block: Block) -> tuple[str, ...]:
    several = len({row.layer_set for row in block.rows}) > 1
    return (_SHARED,) if several else ()


def _parts(grid: Grid, block: Block, make: _Make) -> tuple[pd.DataFrame, ...]:
    starts = range(0, len(block.columns), _COLUMNS)
    return tuple(make(grid, block, block.columns[start : start + _COLUMNS]) for start in starts)
