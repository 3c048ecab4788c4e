"""The networks in the order that a referee puts them in."""

from __future__ import annotations

from nstbench.report.grid import Grid
from nstbench.report.markdown import inline
from nstbench.report.numbers import significant
from nstbench.report.referee_tables import DISTANCES, SELF, Competitor, competitors
from nstbench.results import RefereeEntry

__all__ = ["rankings"]

_MOST = 6


def rankings(grid: Grid) -> list[str]:
    """Return a line per referee with the networks by style distance, least first, if it judged several others."""
    lines = [_ranking(grid, referee) for referee in grid.judgements.referees]
    return [line for line in lines if line]


def _ranking(grid: Grid, referee: RefereeEntry) -> str:
    """Return the line, empty where there is nothing to rank; a network that judges itself is out of competition."""
    style, content = DISTANCES
    every = [one for one in competitors(grid) if one.median(grid, referee.label, style) is not None]
    ranked = [one for one in every if not one.judges_itself(referee)]
    if len({one.column for one in ranked}) < 2:
        return ""
    with_sets = len({one.layer_set for one in ranked}) > 1
    ranked.sort(key=lambda one: one.median(grid, referee.label, style) or 0.0)
    places = [
        f"{number}. {_name(one, with_sets)} {significant(one.median(grid, referee.label, style))} "
        f"({significant(one.median(grid, referee.label, content))})"
        for number, one in enumerate(ranked[:_MOST], start=1)
    ]
    more = [f"and {len(ranked) - _MOST} more"] if len(ranked) > _MOST else []
    own = dict.fromkeys(inline(one.column.head) for one in every if one.judges_itself(referee))
    outside = f" {SELF} Not ranked, as its own judge: {', '.join(own)}." if own else ""
    return (
        f"**Ranked by {inline(referee.label)}**, least style distance first (content distance in brackets: what of the "
        f"content was given up for it): {', '.join([*places, *more])}.{outside}"
    )


def _name(one: Competitor, with_sets: bool) -> str:
    parts = [
        one.column.head,
        *([f"set {one.layer_set}"] if with_sets else []),
        *([one.settings] if one.settings else []),
    ]
    return inline(" · ".join(parts))
