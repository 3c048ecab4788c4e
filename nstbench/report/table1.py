"""Table 1 of the report: layer sets down, networks across; losses, runtime and similarity."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING

from nstbench.report import repeats
from nstbench.report.grid import Block, Column, Grid
from nstbench.report.markdown import inline, shorten
from nstbench.report.marks import letters
from nstbench.report.numbers import MISSING, loss, seconds, setting, significant, similarity
from nstbench.results import Record, RefereeEntry, Status

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "JUDGED",
    "judgements",
    "layer_sets",
    "losses",
    "referees",
    "runtimes",
    "said_by",
    "similarities",
    "total_variation",
]

JUDGED = "style_distance"
"""What referees say in Table 1; the rest is in a table of its own."""


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
    found = repeats.interval(records, said_by(grid, referee))
    if found is None:
        return MISSING
    return significant(found.median) + (" †" if records[0].backbone == referee.backbone else "")


def said_by(grid: Grid, referee: RefereeEntry) -> repeats.Measure:
    """Return what finds the style distance of a record's picture according to a referee."""
    return lambda record: grid.judgements.value(record.cell, referee.label, JUDGED)


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
        terms.append(total_variation)
    return repeats.losses(records, terms) + letters(*records)


def _losses_of(record: Record) -> str:
    terms = [record.style_weighted, record.content_weighted]
    if record.total_variation_weight:
        terms.append(total_variation(record))
    relative = f" ({significant(record.relative_total)})" if record.relative_total is not None else ""
    return f"{loss(record.total)} = {' + '.join(loss(term) for term in terms)}{relative}{letters(record)}"


def total_variation(record: Record) -> float | None:
    """Return the weighted total variation; the record has the raw one."""
    raw = record.total_variation
    return None if raw is None else record.total_variation_weight * raw


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
