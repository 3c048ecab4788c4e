"""Table 1 with full precision, for ``table1.csv``: all quantities of a network side by side."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from nstbench.report import repeats
from nstbench.report.grid import Block, Grid, Row
from nstbench.report.table1 import JUDGED, said_by, total_variation
from nstbench.results import Record, Status, score_column
from nstbench.results.marks import marks_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["table1_frame"]

_Measures = dict[str, repeats.Measure]

_MEASURES = {
    "total": "total",
    "style": "style_weighted",
    "content": "content_weighted",
    "relative_total": "relative_total",
    "runtime_s": "optimise_s",
    "first_step_s": "first_step_s",
    "ssim_content": "ssim_content",
    "ssim_style": "ssim_style",
}


def table1_frame(grid: Grid) -> pd.DataFrame:
    """Return Table 1 with full precision: a row per image pair and layer set, columns ``<network> | <quantity>``.

    A cell without numbers has its status and reason in the columns of those names.
    """
    import pandas as pd

    measures = _measures(grid)
    names = _names(grid, measures)
    rows = [_row(grid, block, row, measures) for block in grid.blocks for row in block.rows]
    frame = pd.DataFrame(rows, columns=_columns(grid, names))
    numeric = {name: "float64" for name in frame.columns if name.split(" | ")[-1] in names and " | " in name}
    return frame.astype(numeric)


def _measures(grid: Grid) -> _Measures:
    """Return the numbers of a cell in ``table1.csv``; total variation only where some cell has it."""
    measures: _Measures = {name: attrgetter(field) for name, field in _MEASURES.items()}
    if any(record.total_variation_weight for record in grid.records):
        measures["total_variation"] = total_variation
    judged = {score_column(one.label, JUDGED): said_by(grid, one) for one in grid.judgements.referees}
    return measures | judged


def _columns(grid: Grid, names: Sequence[str]) -> list[str]:
    labels = dict.fromkeys(column.label for column in grid.columns)
    columns = ["content", "style", *grid.axes, "layer_set", *(f"{label} | style_layers" for label in labels)]
    for column in grid.columns:
        columns += [f"{column.key} | {name}" for name in (*names, "status", "marks", "reason")]
    return columns


def _names(grid: Grid, measures: _Measures) -> list[str]:
    """Return the names of a cell's numbers in ``table1.csv``; intervals and counts only where cells are repeated."""
    if not repeats.is_repeated(grid):
        return list(measures)
    spread = [f"{name}{end}" for name in measures for end in ("", "_low", "_high")]
    return [*spread, "repeats", "repeats_ok"]


def _row(grid: Grid, block: Block, row: Row, measures: _Measures) -> dict[str, Any]:
    values: dict[str, Any] = dict(zip(grid.axes, row.values, strict=True))
    values |= {"content": block.content, "style": block.style, "layer_set": row.layer_set}
    for column in block.columns:
        records = block.repeats.get((row, column), ())
        if records:
            values[f"{column.label} | style_layers"] = records[0].style_layers
            sum_up = _repeated if len(records) > 1 else _record
            cells = sum_up(records, measures)
            values |= {f"{column.key} | {name}": value for name, value in cells.items()}
    return values


def _record(records: Sequence[Record], measures: _Measures) -> dict[str, Any]:
    (record,) = records
    # A diverged cell may have recorded losses; in Table 1 a number always means success.
    cells = {name: measure(record) for name, measure in measures.items()} if record.status is Status.OK else {}
    return cells | {"status": record.status.value, "marks": record.marks, "reason": record.reason}


def _repeated(records: Sequence[Record], measures: _Measures) -> dict[str, Any]:
    """Return the medians; the status is ok if any repeat is, and the reason that of the first that is not."""
    failed = [record for record in records if record.status is not Status.OK]
    status = failed[0].status if len(failed) == len(records) else Status.OK
    reason = f"repeat {failed[0].repeat} {failed[0].status}: {failed[0].reason}" if failed else ""
    marks = " ".join(marks_of(records))
    return repeats.wide(records, measures) | {"status": status.value, "marks": marks, "reason": reason}
