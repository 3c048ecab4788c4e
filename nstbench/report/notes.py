"""What a reader of the tables must know: failures, what cannot be compared, where the last picture is not the best."""

from __future__ import annotations

from nstbench.report.grid import Block, Grid, weights_name
from nstbench.report.markdown import inline, shorten
from nstbench.report.numbers import loss
from nstbench.results import Record, Status

__all__ = ["comparisons", "failures", "notes", "title"]

_MOST = 20
_WORSE = 1.05


def title(record: Record) -> str:
    """Return a cell's coordinates, as ``--only`` spells them, with the weights that were taken."""
    place = (record.content, record.style, record.label, record.backend, record.weights, record.layer_set)
    return "/".join(place) + (f" (repeat {record.repeat})" if record.repeat else "")


def comparisons(block: Block) -> list[str]:
    """Return a sentence per network: whether its backends can be compared; and what no table can compare."""
    lines = [_comparison(block, *network) for network in dict.fromkeys((c.label, c.weights) for c in block.columns)]
    if len({(record.label, record.weights) for record in block.records.values()}) > 1:
        lines.append(
            "Losses of different networks or weights are not in the same unit: compare them down a column only."
        )
    lines.append(
        "Nor are rows with other loss formulas, loss weights, image sizes or layer sets: each is an objective of its "
        "own, and a smaller loss under another one does not mean a better picture."
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


def notes(grid: Grid, problems: list[str]) -> list[str]:
    """Return what else the numbers need; ``problems`` are sentences about damaged records."""
    lines = [
        "Losses belong to the picture after the last iteration (`image.png`); `image_best.png` is the picture with the "
        "lowest total loss, and `best_total` in `results.csv` its loss."
    ]
    lines += _untrained(grid)
    lines += _summed(
        [record for record in grid.ok if _got_worse(record)],
        f"ended more than {_WORSE - 1:.0%} above their lowest total loss: the optimisation overshoots",
    )
    lines += _summed(
        [record for record in grid.ok if record.best_iteration == 0 and record.iterations > 0],
        "never got below the loss of the starting picture (best iteration 0); a lower learning rate may help",
    )
    return lines + [inline(shorten(problem, 300)) for problem in problems]


def _comparison(block: Block, label: str, weights: str) -> str:
    columns = [column for column in block.columns if (column.label, column.weights) == (label, weights)]
    ran = [each for column in columns for each in block.in_column(column) if each.status is Status.OK]
    name, kinds = f"{inline(label)} · {inline(weights_name(weights))}", {each.comparison for each in ran}
    if not ran:
        return f"{name}: not compared, no cell ran."
    if kinds == {"closed"}:
        return f"{name}: **closed** comparison, the same weights on every backend: differences are the frameworks'."
    if "open" in kinds:
        return f"{name}: **open** comparison, backends use weights of their own: their losses cannot be compared."
    return f"{name}: nothing to compare it with, only {inline(ran[0].backend)} ran it."


def _untrained(grid: Grid) -> list[str]:
    names = dict.fromkeys(record.label for record in grid.records if record.weights.split(":")[0] == "random")
    if not names:
        return []
    networks = ", ".join(inline(name) for name in names)
    return [
        f"Untrained: {networks} has random weights. Its numbers test frameworks against each other; they say nothing "
        "about how well a trained network transfers style."
    ]


def _got_worse(record: Record) -> bool:
    best, last = record.best_total, record.total
    return best is not None and last is not None and last > best * _WORSE


def _summed(records: list[Record], what: str) -> list[str]:
    if not records:
        return []
    names = [f"{inline(title(record))} (best {loss(record.best_total)})" for record in records[:_MOST]]
    rest = f" and {len(records) - _MOST} more" if len(records) > _MOST else ""
    return [f"{len(records)} cell{'s' if len(records) > 1 else ''} {what}: {', '.join(names)}{rest}."]


def _capped(lines: list[str], where: str, most: int = 100) -> list[str]:
    return lines if len(lines) <= most else [*lines[:most], f"and {len(lines) - most} more, see `{where}`"]
