"""The losses of all cells, thinned out until they fit into a page."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from nstbench.report.grid import Block, Column, Grid
from nstbench.results import RunFolder
from nstbench.results.trace import Trace, read_trace

__all__ = ["curves"]

_BUDGET = 90_000
"""Numbers in a page, of about eight bytes each."""
_FINEST = 120
_COARSEST = 12
_MAIN = ("total", "style", "content")


def curves(grid: Grid, folder: RunFolder) -> list[dict[str, Any]]:
    """Return what ``curves.js`` draws: per image pair its ``rows``, ``columns``, and cells with ``x`` and ``y``.

    ``y`` has a list per loss (``total``, ``style``, ``content``, ``style:<layer>`` …), null where there is none. All
    cells have as many points as fit; of a thousand cells the layers are left out.
    """
    cells = sum(len(block.records) for block in grid.blocks)
    kept = max(min(_BUDGET // max(10 * cells, 1), _FINEST), _COARSEST)
    every = 10 * cells * kept <= _BUDGET
    return [_pair(grid, block, folder, kept, every) for block in grid.blocks]


def _pair(grid: Grid, block: Block, folder: RunFolder, kept: int, every: bool) -> dict[str, Any]:
    cells = [
        {"row": block.rows.index(row), "column": block.columns.index(column), **thinned(trace, kept)}
        for (row, column), record in block.records.items()
        if (trace := read_trace(folder.trace(record.cell), None if every else _MAIN))
    ]
    return {
        "name": f"{block.content} in the style of {block.style}",
        "rows": [grid.row_name(row) for row in block.rows],
        "columns": [_column(block, column) for column in block.columns],
        "cells": cells,
    }


def _column(block: Block, column: Column) -> dict[str, Any]:
    """Return a column's head, and the number of its network and of its backend there: colour and kind of its lines."""
    networks = list(dict.fromkeys((other.label, other.weights) for other in block.columns))
    own = [other.backend for other in block.columns if (other.label, other.weights) == (column.label, column.weights)]
    network, backend = networks.index((column.label, column.weights)), own.index(column.backend)
    return {"name": column.head, "network": network, "backend": backend, "alone": len(own) == 1}


def thinned(trace: Trace, kept: int) -> dict[str, Any]:
    """Return at most ``kept`` + 1 points of a trace, the first and the last among them."""
    names = [name for name in trace if name != "iteration"]
    steps = list(_spread(len(trace["iteration"]), kept))
    x = [int(trace["iteration"][step]) for step in steps]
    return {"x": x, "y": {name: [_short(trace[name][step]) for step in steps] for name in names}}


def _spread(length: int, kept: int) -> Iterator[int]:
    stride = max(math.ceil((length - 1) / kept), 1)
    yield from range(0, length - 1, stride)
    if length:
        yield length - 1


def _short(value: float) -> float | None:
    return float(f"{value:.4g}") if math.isfinite(value) else None
