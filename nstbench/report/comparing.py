"""Closed or open, in words: what a table's numbers have in common, and in what they differ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nstbench.report.grid import Block, Column, make_grid
from nstbench.report.markdown import inline
from nstbench.results import Record, Status
from nstbench.results.comparison import MACHINE, SETTINGS, Difference, differences

__all__ = ["CLOSED", "block_rows", "closed_or_open", "machines", "verdict"]

CLOSED = "**closed**: the same weights, images, sizes, iterations, precision and formulas"
_MOST = 8

Rows = Iterable[Sequence[Record]]


def closed_or_open(records: Sequence[Record], *, times: bool = False) -> str:
    """Return a sentence, in markdown, for a table that compares these cells (one record per cell) row by row.

    ``**closed**: the same weights, ...`` or ``**open**: weights (a for vgg19, b for resnet50), ...``; rows are image
    pairs and layer sets, as in Table 1. With ``times``, machine, device and threads count as well. Empty where no two
    cells of a row ran.
    """
    return verdict([row for block in make_grid(records).blocks for row in block_rows(block)], times=times)


def block_rows(block: Block, columns: Sequence[Column] | None = None) -> list[list[Record]]:
    """Return the cells, with their repeats, that a part of Table 1 has side by side; None are all columns."""
    shown = block.columns if columns is None else columns
    return [[record for each in shown for record in block.repeats.get((row, each), ())] for row in block.rows]


def verdict(rows: Rows, *, times: bool = False, swept: Sequence[str] = ()) -> str:
    """Return the sentence for given rows of cells, without a full stop; ``swept`` settings are left out of account."""
    ran = [[record for record in row if record.status is Status.OK] for row in rows]
    ran = [row for row in ran if len({(record.label, record.backend, record.weights) for record in row}) > 1]
    if not ran:
        return ""
    settings = (*SETTINGS, *MACHINE) if times else SETTINGS
    found = differences(ran, [name for name in settings if name not in swept])
    if not found:
        return CLOSED + (", on the same machine, device and threads" if times else "")
    return "**open**: " + ", ".join(_words(one) for one in found)


def machines(rows: Rows) -> str:
    """Return whether the times of given rows of cells can be compared: a clause, in markdown."""
    found = differences(rows, MACHINE)
    if not found:
        return "machine, device and threads are the same"
    return "times are **open**: " + ", ".join(_words(one) for one in found)


def _words(difference: Difference) -> str:
    values = [_value(difference, value) for value in list(difference.values)[:_MOST]]
    rest = len(difference.values) - _MOST
    return f"{inline(difference.what)} ({', '.join(values)}{f' and {rest} more' if rest > 0 else ''})"


def _value(difference: Difference, value: str) -> str:
    where = _where(difference, difference.values[value])
    return inline(value) if where == [f"for {value}"] else f"{inline(value)} {inline(' and '.join(where))}"


def _where(difference: Difference, places: Sequence[tuple[str, str]]) -> list[str]:
    """Name places as shortly as tells them apart: backends of one label, else labels, else both."""
    every = {place for some in difference.values.values() for place in some}
    if len({label for label, _ in every}) == 1:
        return [f"on {backend}" for _, backend in places]
    names = []
    for label in dict.fromkeys(label for label, _ in places):
        backends = [backend for other, backend in places if other == label]
        whole = len(backends) == sum(other == label for other, _ in every)
        names += [f"for {label}"] if whole else [f"for {label} on {backend}" for backend in backends]
    return names
