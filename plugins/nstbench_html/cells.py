"""All cells in one table, to be sorted and filtered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from nstbench.report import markdown
from nstbench.report.grid import Grid, weights_name
from nstbench.report.markdown import inline, shorten
from nstbench.report.marks import letters
from nstbench.report.numbers import loss, seconds, setting, significant, similarity
from nstbench.results import Record

__all__ = ["every_cell"]

_Show = Callable[[Record], str]

_PLACE: dict[str, _Show] = {
    "content": lambda record: inline(record.content),
    "style": lambda record: inline(record.style),
    "network": lambda record: inline(record.label),
    "backend": lambda record: inline(record.backend),
    "weights": lambda record: inline(weights_name(record.weights)),
    "layer set": lambda record: inline(record.layer_set),
}
_NUMBERS: dict[str, _Show] = {
    "status": lambda record: f"{record.status}{letters(record)}",
    "total loss": lambda record: loss(record.total),
    "L/L₀": lambda record: significant(record.relative_total),
    "style loss": lambda record: loss(record.style_weighted),
    "content loss": lambda record: loss(record.content_weighted),
    "SSIM content": lambda record: similarity(record.ssim_content),
    "SSIM style": lambda record: similarity(record.ssim_style),
    "ms/iteration": lambda record: significant(record.step_ms_median),
    "runtime": lambda record: seconds(record.optimise_s),
    "peak memory, MiB": lambda record: significant(record.peak_memory_mb),
    "reason": lambda record: inline(shorten(record.reason, 120)),
}


def every_cell(grid: Grid) -> str:
    """Return a table, as markdown, with a row per cell and repeat: where it is in the grid, and what came of it."""
    varying: dict[str, _Show] = {axis: _axis(axis) for axis in grid.axes}
    repeat = {"repeat": _axis("repeat")} if any(record.repeat for record in grid.records) else {}
    columns = _PLACE | varying | repeat | _NUMBERS
    if not any(record.reason for record in grid.records):
        del columns["reason"]
    rows: list[list[Any]] = [[show(record) for show in columns.values()] for record in grid.records]
    return markdown.table(pd.DataFrame(rows, columns=list(columns))) if rows else "No cell has run yet."


def _axis(name: str) -> _Show:
    return lambda record: inline(setting(getattr(record, name)))
