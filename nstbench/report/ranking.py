"""The networks in the order that a referee puts them in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstbench.report.grid import Grid
from nstbench.report.markdown import inline
from nstbench.report.numbers import significant
from nstbench.report.referee_tables import DISTANCES, SELF, Competitor, competitors
from nstbench.results import RefereeEntry

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ranked", "ranking_table", "unranked"]


def ranked(grid: Grid, referee: RefereeEntry) -> list[Competitor]:
    """Return the networks that a referee judged, least style distance first; none where it judged fewer than two.

    A network that judges itself is out of competition.
    """
    found = [one for one in _judged(grid, referee) if not one.judges_itself(referee)]
    if len({(one.column.label, one.column.weights) for one in found}) < 2:
        return []
    return sorted(found, key=lambda one: one.median(grid, referee.label, DISTANCES[0]) or 0.0)


def ranking_table(grid: Grid, most: int | None = None) -> pd.DataFrame:
    """Return the first ``most`` of each referee's ranking, or all, as markdown texts; empty where there is none."""
    import pandas as pd

    rows = [
        [inline(referee.label), str(place), *_place(one), *_distances(grid, one, referee)]
        for referee in grid.judgements.referees
        for place, one in enumerate(ranked(grid, referee)[:most], start=1)
    ]
    heads = ["referee", "rank", "network", "layer set", "settings", "style distance ↓", "content distance ↓"]
    frame = pd.DataFrame(rows, columns=heads)
    return frame if any(frame["settings"]) else frame.drop(columns="settings")


def unranked(grid: Grid) -> list[str]:
    """Return a line per referee that ranks others and judged its own pictures, too: whose they are."""
    lines = []
    for referee in grid.judgements.referees if grid.ok else ():
        own = dict.fromkeys(one.column.head for one in _judged(grid, referee) if one.judges_itself(referee))
        if own and ranked(grid, referee):
            lines.append(f"{SELF} Not ranked by {inline(referee.label)}, its own judge: {inline(', '.join(own))}.")
    return lines


def _judged(grid: Grid, referee: RefereeEntry) -> list[Competitor]:
    return [one for one in competitors(grid) if one.median(grid, referee.label, DISTANCES[0]) is not None]


def _place(one: Competitor) -> tuple[str, str, str]:
    return inline(one.column.head), inline(one.layer_set), inline(one.settings)


def _distances(grid: Grid, one: Competitor, referee: RefereeEntry) -> list[str]:
    return [significant(one.median(grid, referee.label, metric)) for metric in DISTANCES]
