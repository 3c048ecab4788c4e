"""What a reader of the tables must know: failures, and what can and cannot be compared."""

from __future__ import annotations

from collections.abc import Sequence

from nstbench.report.comparing import CLOSED, block_rows, verdict
from nstbench.report.grid import Block, Grid, is_untrained, weights_name
from nstbench.report.markdown import inline, shorten
from nstbench.results import Record, Status

__all__ = ["comparisons", "failures", "notes", "title"]


def title(record: Record) -> str:
    """Return a cell's coordinates, as ``--only`` spells them, with the weights that were taken."""
    place = (record.content, record.style, record.label, record.backend, record.weights, record.layer_set)
    return "/".join(place) + (f" (repeat {record.repeat})" if record.repeat else "")


def comparisons(block: Block) -> list[str]:
    """Return a sentence per network, and for the whole table: closed, or open and what differs."""
    names = dict.fromkeys((column.label, column.weights) for column in block.columns)
    lines = [_comparison(block, *network) for network in names]
    if len(names) > 1 and (across := verdict(block_rows(block))):
        apart = ". Losses of different networks, weights or formulas are not in the same unit"
        lines.append(f"Across networks: {across}{'' if across == CLOSED else apart}.")
    lines.append(
        "Down a column: rows with other layer sets, loss formulas, loss weights or image sizes are objectives of their "
        "own, and a smaller loss under another one does not mean a better picture. L/L₀ has no unit, but is a share of "
        "each row's own objective."
    )
    return lines


def failures(grid: Grid) -> list[str]:
    """Return one line per cell that did not succeed, with its reason."""
    failed = [record for record in grid.records if record.status is not Status.OK]
    lines = [
        f"**{record.status}** {inline(title(record))}"
        + (f": {inline(shorten(record.reason))}" if record.reason else "")
        for record in failed
    ]
    return _capped(lines, "records.jsonl")


def notes(grid: Grid, problems: Sequence[str]) -> list[str]:
    """Return what else the numbers need; ``problems`` are sentences about damaged records."""
    lines = [
        "Losses belong to the picture after the last iteration (`image.png`); `image_best.png` is the picture with the "
        "lowest total loss, and `best_total` in `results.csv` its loss."
    ]
    lines += _untrained(grid)
    return lines + [inline(shorten(problem, 300)) for problem in problems]


def _comparison(block: Block, label: str, weights: str) -> str:
    columns = [column for column in block.columns if (column.label, column.weights) == (label, weights)]
    ran = [each for column in columns for each in block.in_column(column) if each.status is Status.OK]
    backends = dict.fromkeys(inline(each.backend) for each in ran)
    name = f"{inline(label)} · {inline(weights_name(weights))}"
    if not ran:
        return f"{name}: not compared, no cell succeeded."
    if len(backends) == 1:
        return f"{name}: nothing to compare it with, only {inline(ran[0].backend)} ran it."
    found = verdict(block_rows(block, columns)) or "not compared, no row ran on two backends"
    why = "; differences are the frameworks'" if found == CLOSED else ""
    return f"{name} on {' and '.join(backends)}: {found}{why}."


def _untrained(grid: Grid) -> list[str]:
    names = dict.fromkeys(record.label for record in grid.records if is_untrained(record.weights))
    if not names:
        return []
    networks = ", ".join(inline(name) for name in names)
    return [
        f"Untrained: {networks} has random weights. Its numbers test frameworks against each other; they say nothing "
        "about how well a trained network transfers style."
    ]


def _capped(lines: list[str], where: str, most: int = 100) -> list[str]:
    return lines if len(lines) <= most else [*lines[:most], f"and {len(lines) - most} more, see `{where}`"]
