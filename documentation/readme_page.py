"""README.md: the table under its picture, of the published run in reports/example."""

from __future__ import annotations

import re
from pathlib import Path

from nstbench.report.grid import Column, is_untrained, make_grid
from nstbench.report.numbers import loss, seconds, significant, similarity
from nstbench.results import Record, RunFolder, Status, in_grid_order, read_manifest, read_records
from tables import table

__all__ = ["render"]

_ROOT = Path(__file__).parents[1]
_BLOCK = re.compile(r"(?<=<!-- table -->\n).*?(?=<!-- /table -->)", re.DOTALL)


def render() -> str:
    """Return the README with its table as the published run has it."""
    text = (_ROOT / "README.md").read_text(encoding="utf-8")
    return _BLOCK.sub(lambda _: _table(RunFolder(_ROOT / "reports" / "example")) + "\n", text)


def _table(folder: RunFolder) -> str:
    """Return a row per layer set and a column per network and backend, of the cells that ran, of one image pair."""
    records = in_grid_order(read_manifest(folder), read_records(folder))
    (block,) = make_grid([record for record in records if record.status is Status.OK]).blocks
    rows = [[row.layer_set, *(_cell(block.records[row, column]) for column in block.columns)] for row in block.rows]
    return table(["layer set", *map(_head, block.columns)], rows)


def _head(column: Column) -> str:
    return f"{column.label}{' (untrained)' if is_untrained(column.weights) else ''} · {column.backend}"


def _cell(record: Record) -> str:
    total = f"{loss(record.total)} ({significant(record.relative_total)})"
    return f"{total} · {similarity(record.ssim_content)} · {seconds(record.optimise_s)}"
