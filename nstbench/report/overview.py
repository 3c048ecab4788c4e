"""What a run says, in a few sentences: which network, at what cost, how far backends are apart, what is doubtful."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from nstbench.report.comparing import block_rows, verdict
from nstbench.report.grid import Grid, is_untrained
from nstbench.report.markdown import bullets, inline
from nstbench.report.numbers import MISSING, significant
from nstbench.report.ranking import ranked
from nstbench.report.referee_tables import DISTANCES, Competitor
from nstbench.report.speed import cells_per_hour, median_of, range_of, with_unit
from nstbench.results import RefereeEntry, Status
from nstbench.results.marks import MARKS, Pair, backend_pairs

__all__ = ["sections"]

_MOST = 3
"""Networks of a ranking, and statements of the trade-off; their sections have the rest."""
_DISTANCES = (
    "That is each network's layer set of least style distance (1 is the untouched content picture, 0 the style's own "
    "statistics), in brackets its content distance, what was given up for it: less of both is better."
)
_DOUBTS = {
    "above-start": "ended above the loss of their start",
    "above-best": "ended above their lowest loss",
    "still-falling": "were still falling fast at the end",
    "not-finite": "became infinite or not a number",
    "clipped": "drove many pixels to black or white",
    "barely-moved": "hardly moved their picture",
    "backends-differ": "differ between backends by more than rounding",
}


def sections(grid: Grid, matched: Sequence[str] = ()) -> list[str]:
    """Return the parts of the report's section as markdown, none where no cell has run.

    ``matched`` are ``tradeoff.decisions``. Where there are any, they say what style
    distances alone cannot, which loss weights move as they like.
    """
    if not grid.records:
        return []
    if not grid.ok:
        return ["## In short", "No cell has a result: *Cells without a result* has the reasons."]
    nearest = _of_many(matched) if matched else _nearest(grid)
    return ["## In short", bullets([*nearest, *_doubts(grid), *_costs(grid), *_backends(grid)])]


def _of_many(statements: Sequence[str]) -> list[str]:
    rest = len(statements) - _MOST
    more = f"Decided are {rest} more pairs of networks, too. " if rest > 0 else ""
    return [*statements[:_MOST], f"{more}*Trade-off* has other layer sets and backends, and what is undecided."]


def _nearest(grid: Grid) -> list[str]:
    lines = [line for referee in grid.judgements.referees if (line := _by(grid, referee))]
    if not lines:
        return []
    found = verdict([row for block in grid.blocks for row in block_rows(block)])
    more = " The networks' settings differ, too: below Table 1 it says in what." if found.startswith("**open**") else ""
    return [*lines, f"{_DISTANCES}{_several(grid)}{more}", *_unjudged(grid)]


def _several(grid: Grid) -> str:
    return f" Distances are medians over {len(grid.blocks)} image pairs." if len(grid.blocks) > 1 else ""


def _unjudged(grid: Grid) -> list[str]:
    """Say which networks no referee ranks against each other: each is judged by the other alone, or by nobody."""
    ranks = [{one.column.label for one in ranked(grid, referee)} for referee in grid.judgements.referees]
    labels = dict.fromkeys(record.label for record in grid.ok)
    apart = [pair for pair in itertools.combinations(labels, 2) if not any(set(pair) <= rank for rank in ranks)]
    shown = "; ".join(f"{inline(first)} and {inline(second)}" for first, second in apart[:_MOST])
    return [f"No referee but themselves judged both of these, so none ranks them: {shown}."] if apart else []


def _by(grid: Grid, referee: RefereeEntry) -> str:
    """Say which networks come nearest to the style, each with its best layer set, on whatever backend that was."""
    best: dict[tuple[str, str], Competitor] = {}
    for one in ranked(grid, referee):
        best.setdefault((one.column.label, one.column.weights), one)
    if len(best) < 2:
        return ""
    shown = [_place(grid, one, referee) for one in list(best.values())[:_MOST]]
    return f"**Nearest to the style**, as {inline(referee.label)} judges others: {', then '.join(shown)}."


def _place(grid: Grid, one: Competitor, referee: RefereeEntry) -> str:
    style, content = (significant(one.median(grid, referee.label, metric)) for metric in DISTANCES)
    name = f"{one.column.label} (untrained)" if is_untrained(one.column.weights) else one.column.label
    setting = ", ".join(filter(None, (f"set {one.layer_set}", one.settings)))
    return f"{inline(name)} with {inline(setting)} at {style} ({content})"


def _costs(grid: Grid) -> list[str]:
    parts = [
        _extremes("an iteration takes", _medians(grid, "step_ms_median"), "ms"),
        _extremes("the peak of memory is", _medians(grid, "peak_memory_mb"), "MiB"),
    ]
    text = "; ".join(filter(None, parts))
    return [f"**Cost**, medians of each network's cells: {text}."] if text else []


def _medians(grid: Grid, field: str) -> list[tuple[float, str]]:
    """Return the median of each network that has the number, least first."""
    found = [(median_of(grid.of(each), field), f"{each.label} · {each.backend}") for each in grid.columns]
    return sorted((value, name) for value, name in found if value is not None)


def _extremes(what: str, values: Sequence[tuple[float, str]], unit: str) -> str:
    ends = dict.fromkeys([*values[:1], *values[-1:]])
    shown = [f"{significant(value)} {unit} ({inline(name)})" for value, name in ends]
    return f"{what} {' to '.join(shown)}" if shown else ""


def _backends(grid: Grid) -> list[str]:
    groups: dict[tuple[str, str, str], list[Pair]] = {}
    for pair in backend_pairs(grid.records):
        groups.setdefault((pair.first.label, pair.first.backend, pair.other.backend), []).append(pair)
    return [_two(*names, pairs) for names, pairs in groups.items()]


def _two(label: str, first: str, other: str, pairs: Sequence[Pair]) -> str:
    line = f"**{inline(label)} on {inline(first)} and {inline(other)}**: "
    line += f"losses differ by {_at_most(max(pair.apart for pair in pairs))}"
    differing = sum(pair.differs for pair in pairs)
    line += f", in {differing} of {len(pairs)} pairs by more than rounding explains" if differing else ""
    sides = [pair.first for pair in pairs], [pair.other for pair in pairs]
    costs = [
        ("an iteration takes", [range_of(side, "step_ms_median", "ms") for side in sides]),
        ("peak memory", [with_unit(median_of(side, "peak_memory_mb"), "MiB") for side in sides]),
        ("cells per hour", [significant(cells_per_hour(side)) for side in sides]),
    ]
    parts = [f"{what} {' and '.join(values)}" for what, values in costs if MISSING not in values]
    return "; ".join([line, *parts]) + "."


def _at_most(share: float) -> str:
    return f"at most {significant(100 * share)} %" if share >= 1e-4 else "less than 0.01 %"


def _doubts(grid: Grid) -> list[str]:
    ran = [record for record in grid.records if record.status in (Status.OK, Status.DIVERGED)]
    counts = {name: sum(name in record.marks.split() for record in ran) for name in MARKS}
    shown = ", ".join(f"{count} {_DOUBTS[name]} (*{name}*)" for name, count in counts.items() if count)
    of = f"of {len(ran)} cells that ran" if len(ran) > 1 else "of the only cell that ran"
    return [f"**Doubtful**, {of}: {shown}."] if shown else []
