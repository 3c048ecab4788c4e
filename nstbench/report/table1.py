"""Table 1 of the report: layer sets down, networks across; losses, runtime and similarity."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from nstbench.report import repeats
from nstbench.report.grid import Block, Column, Grid, Row
from nstbench.report.markdown import inline, shorten
from nstbench.report.marks import letters
from nstbench.report.numbers import MISSING, loss, seconds, setting, significant, similarity
from nstbench.results import Record, RefereeEntry, Status, score_column
from nstbench.results.marks import marks_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["judgements", "layer_sets", "losses", "referees", "runtimes", "similarities", "table1_frame"]

_JUDGED = "style_distance"
"""What referees say in Table 1; the rest is in a table of its own."""

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

    rows = [_wide_row(grid, block, row) for block in grid.blocks for row in block.rows]
    frame = pd.DataFrame(rows, columns=_wide_columns(grid))
    measures = _wide_measures(grid)
    numeric = {name: "float64" for name in frame.columns if name.split(" | ")[-1] in measures and " | " in name}
    return frame.astype(numeric)


def layer_sets(grid: Grid) -> pd.DataFrame:
    """Return the layers behind each layer set, per network, as markdown texts."""
    import pandas as pd

    labels = list(dict.fromkeys(record.label for record in grid.records))
    names = dict.fromkeys(record.layer_set for record in grid.records)
    rows = [[inline(name), *(_layers_of(grid, name, label) for label in labels)] for name in names]
    return pd.DataFrame(rows, columns=["layer set", *(f"style layers ({label})" for label in labels)])


def losses(grid: Grid, block: Block, columns: tuple[Column, ...]) -> pd.DataFrame:
    """Return ``total = style + content (L/L₀)`` per cell with its marks, or its status and reason."""
    return _narrow(grid, block, columns, _losses_of, _failure, _repeated_losses)


def runtimes(grid: Grid, block: Block, columns: tuple[Column, ...]) -> pd.DataFrame:
    """Return the time of the optimisation per cell, the first step of a job apart."""
    return _narrow(grid, block, columns, _runtime_of, _status, repeats.runtimes)


def similarities(grid: Grid, block: Block, columns: tuple[Column, ...]) -> pd.DataFrame:
    """Return SSIM against the content and the style picture per cell."""
    return _narrow(grid, block, columns, _ssim_of, _status, repeats.similarities)


def referees(grid: Grid) -> str:
    """Return the labels of the referees, in the order of their numbers in ``judgements``."""
    return " / ".join(inline(referee.label) for referee in grid.judgements.referees)


def judgements(grid: Grid, block: Block, columns: tuple[Column, ...]) -> pd.DataFrame:
    """Return each referee's style distance per cell, marked where the referee is the network itself."""

    def text(records: Sequence[Record]) -> str:
        return " / ".join(_judged(grid, records, referee) for referee in grid.judgements.referees)

    return _narrow(grid, block, columns, lambda record: text([record]), _status, text)


def _judged(grid: Grid, records: Sequence[Record], referee: RefereeEntry) -> str:
    found = repeats.interval(records, _said_by(grid, referee))
    if found is None:
        return MISSING
    return significant(found.median) + (" †" if records[0].backbone == referee.backbone else "")


def _said_by(grid: Grid, referee: RefereeEntry) -> Callable[[Record], float | None]:
    return lambda record: grid.judgements.value(record.cell, referee.label, _JUDGED)


def _narrow(
    grid: Grid,
    block: Block,
    columns: tuple[Column, ...],
    show: Callable[[Record], str],
    fail: Callable[[Record], str],
    sum_up: Callable[[Sequence[Record]], str],
) -> pd.DataFrame:
    import pandas as pd

    rows: list[list[str]] = []
    for row in block.rows:
        found = [block.repeats.get((row, column), ()) for column in columns]
        if not any(found):
            continue
        texts = [_text(each, show, fail, sum_up) for each in found]
        rows.append([inline(row.layer_set), *(inline(setting(value)) for value in row.values), *texts])
    return pd.DataFrame(rows, columns=["layer set", *grid.axes, *(column.head for column in columns)])


def _text(
    records: Sequence[Record],
    show: Callable[[Record], str],
    fail: Callable[[Record], str],
    sum_up: Callable[[Sequence[Record]], str],
) -> str:
    """Return a cell's text: of its only record, or of its repeats summed up if one of them succeeded."""
    if not records:
        return MISSING
    if all(record.status is not Status.OK for record in records):
        return fail(records[0])
    return sum_up(records) if len(records) > 1 else show(records[0])


def _repeated_losses(records: Sequence[Record]) -> str:
    terms: list[repeats.Measure] = [attrgetter("style_weighted"), attrgetter("content_weighted")]
    if any(record.total_variation_weight for record in records):
        terms.append(_total_variation)
    return repeats.losses(records, terms) + letters(*records)


def _losses_of(record: Record) -> str:
    terms = [record.style_weighted, record.content_weighted]
    if record.total_variation_weight:
        terms.append(_total_variation(record))
    relative = f" ({significant(record.relative_total)})" if record.relative_total is not None else ""
    return f"{loss(record.total)} = {' + '.join(loss(term) for term in terms)}{relative}{letters(record)}"


def _total_variation(record: Record) -> float | None:
    """Return the weighted term; the record has the raw one."""
    raw = record.total_variation
    return None if raw is None else record.total_variation_weight * raw


def _measures(grid: Grid) -> dict[str, Callable[[Record], Any]]:
    """Return the numbers of a cell in ``table1.csv``; total variation only where some cell has it."""
    measures: dict[str, Callable[[Record], Any]] = {name: attrgetter(field) for name, field in _MEASURES.items()}
    if any(record.total_variation_weight for record in grid.records):
        measures["total_variation"] = _total_variation
    judged = {score_column(one.label, _JUDGED): _said_by(grid, one) for one in grid.judgements.referees}
    return measures | judged


def _runtime_of(record: Record) -> str:
    if record.first_step_s is None:
        return seconds(record.optimise_s)
    return f"{seconds(record.optimise_s)} (first step {seconds(record.first_step_s)})"


def _ssim_of(record: Record) -> str:
    return f"{similarity(record.ssim_content)} / {similarity(record.ssim_style)}"


def _failure(record: Record) -> str:
    reason = f": {inline(shorten(record.reason, 80))}" if record.reason else ""
    return f"**{record.status}**{letters(record)}{reason}"


def _status(record: Record) -> str:
    return f"**{record.status}**"


def _layers_of(grid: Grid, layer_set: str, label: str) -> str:
    own = (each for each in grid.records if (each.layer_set, each.label) == (layer_set, label))
    layers = dict.fromkeys(each.style_layers for each in own)
    return inline(" or ".join(names.replace(" ", ", ") for names in layers)) or MISSING


def _wide_columns(grid: Grid) -> list[str]:
    labels = dict.fromkeys(column.label for column in grid.columns)
    names = ["content", "style", *grid.axes, "layer_set", *(f"{label} | style_layers" for label in labels)]
    for column in grid.columns:
        names += [f"{column.key} | {name}" for name in (*_wide_measures(grid), "status", "marks", "reason")]
    return names


def _wide_measures(grid: Grid) -> list[str]:
    """Return the names of a cell's numbers in ``table1.csv``; intervals and counts only where cells are repeated."""
    if not repeats.is_repeated(grid):
        return list(_measures(grid))
    spread = [f"{name}{end}" for name in _measures(grid) for end in ("", "_low", "_high")]
    return [*spread, "repeats", "repeats_ok"]


def _wide_row(grid: Grid, block: Block, row: Row) -> dict[str, Any]:
    values: dict[str, Any] = dict(zip(grid.axes, row.values, strict=True))
    values |= {"content": block.content, "style": block.style, "layer_set": row.layer_set}
    for column in block.columns:
        records = block.repeats.get((row, column), ())
        if records:
            values[f"{column.label} | style_layers"] = records[0].style_layers
            sum_up = _wide_repeats if len(records) > 1 else _wide_record
            cells = sum_up(records, _measures(grid))
            values |= {f"{column.key} | {name}": value for name, value in cells.items()}
    return values


def _wide_record(records: Sequence[Record], measures: dict[str, Callable[[Record], Any]]) -> dict[str, Any]:
    (record,) = records
    # A diverged cell may have recorded losses; in Table 1 a number always means success.
    cells = {name: measure(record) for name, measure in measures.items()} if record.status is Status.OK else {}
    return cells | {"status": record.status.value, "marks": record.marks, "reason": record.reason}


def _wide_repeats(records: Sequence[Record], measures: dict[str, Callable[[Record], Any]]) -> dict[str, Any]:
    """Return the medians; the status is ok if any repeat is, and the reason that of the first that is not."""
    failed = [record for record in records if record.status is not Status.OK]
    status = failed[0].status if len(failed) == len(records) else Status.OK
    reason = f"repeat {failed[0].repeat} {failed[0].status}: {failed[0].reason}" if failed else ""
    marks = " ".join(marks_of(records))
    return repeats.wide(records, measures) | {"status": status.value, "marks": marks, "reason": reason}
