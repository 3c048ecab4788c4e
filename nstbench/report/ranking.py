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

__all__ = ["ranked", "ranking_table", "rankings"]

_MOST = 6


def rankings(grid: Grid) -> list[str]:
    """Return a line per referee with the networks by style distance, least first, if it judged several others."""
    return [_ranking(grid, referee) for referee in grid.judgements.referees if ranked(grid, referee)]


def ranked(grid: Grid, referee: RefereeEntry) -> list[Competitor]:
    """Return the networks that a referee judged, least style distance first; none where there is nothing to rank.

    A network that judges itself is out of competition.
    """
    found = [one for one in _judged(grid, referee) if not one.judges_itself(referee)]
    if len({one.column for one in found}) < 2:
        return []
    return sorted(found, key=lambda one: one.median(grid, referee.label, DISTANCES[0]) or 0.0)


def ranking_table(grid: Grid) -> pd.DataFrame:
    """Return all referees' rankings in full as markdown texts, empty where there is none."""
    import pandas as pd

    rows = [
        [inline(referee.label), str(place), *_place(one), *_distances(grid, one, referee)]
        for referee in grid.judgements.referees
        for place, one in enumerate(ranked(grid, referee), start=1)
    ]
    heads = ["referee", "rank", "network", "layer set", "settings", "style distance ↓", "content distance ↓"]
    frame = pd.DataFrame(rows, columns=heads)
    return frame if any(frame["settings"]) else frame.drop(columns="settings")


def _judged(grid: Grid, referee: RefereeEntry) -> list[Competitor]:
    return [one for one in competitors(grid) if one.median(grid, referee.label, DISTANCES[0]) is not None]


def _place(one: Competitor) -> tuple[str, str, str]:
    return inline(one.column.head), inline(one.layer_set), inline(one.settings)


def _distances(grid: Grid, one: Competitor, referee: RefereeEntry) -> list[str]:
    return [significant(one.median(grid, referee.label, metric)) for metric in DISTANCES]


def _ranking(grid: Grid, referee: RefereeEntry) -> str:
    places = ranked(grid, referee)
    with_sets = len({one.layer_set for one in places}) > 1
    shown = []
    for number, one in enumerate(places[:_MOST], start=1):
        style, content = _distances(grid, one, referee)
        shown.append(f"{number}. {_name(one, with_sets)} {style} ({content})")
    more = [f"and {len(places) - _MOST} more"] if len(places) > _MOST else []
    own = dict.fromkeys(inline(one.column.head) for one in _judged(grid, referee) if one.judges_itself(referee))
    outside = f" {SELF} Not ranked, as its own judge: {', '.join(own)}." if own else ""
    return (
        f"**Ranked by {inline(referee.label)}**, least style distance first (content distance in brackets: what of the "
        f"content was given up for it): {', '.join([*shown, *more])}.{outside}"
    )


def _name(one: Competitor, with_sets: bool) -> str:
    parts = [
        one.column.head,
        *([f"set {one.layer_set}"] if with_sets else []),
        *([one.settings] if one.settings else []),
    ]
    return inline(" · ".join(parts))
