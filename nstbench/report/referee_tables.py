"""Judgements as tables: competitors down, referees or metrics across."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nstbench.report.grid import Column, Grid
from nstbench.report.markdown import inline
from nstbench.report.numbers import MISSING, setting, significant, similarity
from nstbench.results import MetricEntry, Record, RefereeEntry, Status

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DISTANCES", "SELF", "Competitor", "competitors", "distance_table", "outside_referees", "picture_table"]

DISTANCES = ("style_distance", "content_distance")
"""The metrics that every referee has."""
SELF = "†"
"""Marks what a network says of its own work."""

_REPEATED = ("seed",)
"""Axes along which the same thing is done again: medians are taken over them."""


@dataclass(frozen=True, slots=True)
class Competitor:
    """A network with one layer set and one choice of the other settings; its ``records`` differ in what is repeated."""

    column: Column
    layer_set: str
    settings: str
    records: tuple[Record, ...]

    def median(self, grid: Grid, judge: str, metric: str) -> float | None:
        """Return the median of what a judge says of its pictures, None if it says nothing."""
        found = [grid.judgements.value(record.cell, judge, metric) for record in self.records]
        values = [value for value in found if value is not None]
        return float(statistics.median(values)) if values else None

    def judges_itself(self, referee: RefereeEntry) -> bool:
        """Say whether the referee is the network that made the pictures."""
        return bool(referee.backbone) and referee.backbone == self.records[0].backbone


def competitors(grid: Grid) -> list[Competitor]:
    """Return the competitors that have a picture, in the order of Table 1."""
    kept = [i for i, axis in enumerate(grid.axes) if axis not in _REPEATED]
    found: dict[tuple[Column, str, str], list[Record]] = {}
    for block in grid.blocks:
        for (row, column), records in block.repeats.items():
            words = ", ".join(f"{grid.axes[i]} {setting(row.values[i])}" for i in kept)
            own = [record for record in records if record.status is Status.OK]
            found.setdefault((column, row.layer_set, words), []).extend(own)
    return [Competitor(*key, tuple(records)) for key, records in found.items() if records]


def _outsiders(grid: Grid, one: Competitor) -> list[RefereeEntry]:
    """Return the referees that judged the competitor's pictures and are another network."""
    return [
        referee
        for referee in grid.judgements.referees
        if not one.judges_itself(referee) and one.median(grid, referee.label, DISTANCES[0]) is not None
    ]


def outside_referees(grid: Grid) -> dict[tuple[str, ...], list[str]]:
    """Return which networks have which outside referees: labels of referees, and of networks."""
    found: dict[tuple[str, ...], list[str]] = {}
    for one in competitors(grid):
        labels = found.setdefault(tuple(referee.label for referee in _outsiders(grid, one)), [])
        labels += [one.column.label] if one.column.label not in labels else []
    return found


def distance_table(grid: Grid) -> pd.DataFrame:
    """Return style and content distance per competitor and referee.

    Their mean over the outside referees comes first, where these are the same for all networks: means over different
    referees do not compare.
    """
    referees = grid.judgements.referees
    comparable = len(outside_referees(grid)) < 2
    heads = ["style / content distance, outside referees"] if comparable else []

    def texts(one: Competitor) -> list[str]:
        mean = [_headline(grid, one)] if comparable else []
        return [*mean, *(_distances(grid, one, referee) for referee in referees)]

    return _table(grid, [*heads, *(f"by {referee.label}" for referee in referees)], texts)


def picture_table(grid: Grid) -> pd.DataFrame:
    """Return SSIM and every other metric per competitor; an arrow says which direction is better."""
    columns = list(_others(grid))
    heads = ["ssim ↑", *(_head(metric, judge) for metric, judge in columns)]

    def texts(one: Competitor) -> list[str]:
        values = [record.ssim_content for record in one.records if record.ssim_content is not None]
        ssim = similarity(statistics.median(values)) if values else MISSING
        return [ssim, *(_other(grid, one, metric, judge) for metric, judge in columns)]

    return _table(grid, heads, texts)


def _table(grid: Grid, heads: Sequence[str], texts: Callable[[Competitor], list[str]]) -> pd.DataFrame:
    import pandas as pd

    every = competitors(grid)
    with_settings = any(one.settings for one in every)
    rows = []
    for one in every:
        place = [inline(one.column.head), inline(one.layer_set)]
        rows.append([*place, *([inline(one.settings)] if with_settings else []), *texts(one)])
    names = ["network", "layer set", *(["settings"] if with_settings else []), *heads]
    return pd.DataFrame(rows, columns=names)


def _others(grid: Grid) -> Iterable[tuple[MetricEntry, RefereeEntry | None]]:
    """Yield each metric beside the distances, with every referee that has it (None for metrics without a network)."""
    said: dict[str, set[str]] = {}
    for (_, judge), score in grid.judgements.scores.items():
        said.setdefault(judge, set()).update(score.values)
    for metric in grid.judgements.metrics:
        if metric.kind == "picture":
            yield metric, None
        elif metric.name not in DISTANCES:
            yield from ((metric, one) for one in grid.judgements.referees if metric.name in said.get(one.label, ()))


def _head(metric: MetricEntry, judge: RefereeEntry | None) -> str:
    arrow = "↑" if metric.direction == "higher" else "↓"
    return f"{metric.name.replace('_', ' ')} {arrow}" + (f" by {judge.label}" if judge else "")


def _other(grid: Grid, one: Competitor, metric: MetricEntry, judge: RefereeEntry | None) -> str:
    text = significant(one.median(grid, judge.label if judge else "", metric.name))
    return _marked(text, own=judge is not None and one.judges_itself(judge))


def _distances(grid: Grid, one: Competitor, referee: RefereeEntry) -> str:
    values = [one.median(grid, referee.label, metric) for metric in DISTANCES]
    if values == [None, None]:
        return MISSING
    return _marked(" / ".join(map(significant, values)), own=one.judges_itself(referee))


def _headline(grid: Grid, one: Competitor) -> str:
    others = _outsiders(grid, one)
    if not others:
        return MISSING
    means = []
    for metric in DISTANCES:
        values = [value for each in others if (value := one.median(grid, each.label, metric)) is not None]
        means.append(significant(statistics.mean(values)) if values else MISSING)
    return f"**{' / '.join(means)}**"


def _marked(text: str, *, own: bool) -> str:
    return f"{text} {SELF}" if own and text != MISSING else text
