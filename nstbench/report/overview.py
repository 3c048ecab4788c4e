"""What a run says, in a few sentences: which network, at what cost, how far backends are apart, what is doubtful."""

from __future__ import annotations

from collections.abc import Sequence

from nstbench.report.comparing import block_rows, verdict
from nstbench.report.grid import Grid, is_untrained
from nstbench.report.markdown import bullets, inline
from nstbench.report.numbers import significant
from nstbench.report.ranking import ranked
from nstbench.report.referee_tables import DISTANCES, Competitor
from nstbench.report.speed import median_of
from nstbench.results import RefereeEntry, Status
from nstbench.results.marks import MARKS, Pair, backend_pairs

__all__ = ["sections"]

_MOST = 3
"""Networks of a ranking, and statements of the trade-off; their sections have the rest."""
_DISTANCES = (
    "That is style distance, 1 for the untouched content picture and 0 for the style's own statistics, and in brackets "
    "content distance, what was given up for it."
)


def sections(grid: Grid, matched: Sequence[str] = ()) -> list[str]:
    """Return the parts of the report's section as markdown, none where no cell succeeded.

    ``matched`` are the statements on networks at matched content SSIM; where there are any, they come first.
    """
    lines = [*_of_many(matched), *_nearest(grid), *_costs(grid), *_backends(grid), *_doubts(grid)]
    return ["## In short", bullets(lines)] if grid.ok else []


def _of_many(statements: Sequence[str]) -> list[str]:
    more = len(statements) - _MOST
    return [*statements[:_MOST], *([f"{more} more such statements are under *Trade-off*."] if more > 0 else [])]


def _nearest(grid: Grid) -> list[str]:
    lines = [line for referee in grid.judgements.referees if (line := _by(grid, referee))]
    if not lines:
        return []
    found = verdict([row for block in grid.blocks for row in block_rows(block)])
    more = " Not the networks alone differ: under *Referees* it says what else." if found.startswith("**open**") else ""
    return [*lines, f"{_DISTANCES}{more}"]


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
    apart = max(pair.apart for pair in pairs)
    line = f"**{inline(label)} on {inline(first)} and {inline(other)}**: losses differ by {_at_most(apart)}"
    differing = sum(pair.differs for pair in pairs)
    line += f", in {differing} of {len(pairs)} pairs by more than rounding explains" if differing else ""
    times = [median_of(records, "step_ms_median") for records in ([p.first for p in pairs], [p.other for p in pairs])]
    if times[0] and times[1]:
        line += f"; an iteration takes {significant(times[1] / times[0])} times as long on {inline(other)}"
    return f"{line}."


def _at_most(share: float) -> str:
    return f"at most {significant(100 * share)} %" if share >= 1e-4 else "less than 0.01 %"


def _doubts(grid: Grid) -> list[str]:
    ran = [record for record in grid.records if record.status in (Status.OK, Status.DIVERGED)]
    counts = {name: sum(name in record.marks.split() for record in ran) for name in MARKS}
    shown = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    return [f"**Doubtful**, of {len(ran)} cells that ran: {shown}; below Table 1 it says why."] if shown else []
