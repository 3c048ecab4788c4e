"""What the referees say: numbers that compare across networks, and a sentence on each of them."""

from __future__ import annotations

from collections.abc import Sequence

from nstbench.report.comparing import block_rows, verdict
from nstbench.report.drawing import ReportFigure
from nstbench.report.grid import Grid
from nstbench.report.markdown import bullets, image, inline, shorten, table
from nstbench.report.ranking import ranking_table, unranked
from nstbench.report.referee_tables import DISTANCES, SELF, distance_table, outside_referees, picture_table
from nstbench.results import MetricEntry, RefereeEntry

__all__ = ["sections"]

_EXPLANATION = (
    "Losses of different networks are in different units. Here every picture is judged after the optimisation, by the "
    "same networks and formulas whatever network or backend made it, so these numbers compare down a column. Where a "
    "network with its settings made several pictures, a number is their median."
)
_OWN = f"A network's judgement of its own pictures is marked {SELF}: it favours what it was optimised for."
_SSIM = (
    "**ssim**: how much of the content picture's structure is kept; more is better, 1 is the content picture itself "
    "(Wang, Bovik, Sheikh, Simoncelli 2004, by scikit-image)."
)
_RANKING = (
    "Least style distance first, by each referee that judged several networks other than itself; content distance is "
    "what of the content was given up for it."
)
_MOST, _PLACES = 20, 6


def sections(grid: Grid, figures: Sequence[ReportFigure] = ()) -> list[str]:
    """Return the parts of the report's section as markdown, none where nobody judged.

    Of ``figures`` those of kind ``referee`` are shown.
    """
    judged = grid.judgements
    if not judged.metrics or not grid.ok:
        return []
    parts = ["## Referees: comparable across networks", _EXPLANATION]
    compared = verdict([row for block in grid.blocks for row in block_rows(block)])
    made = bullets([f"The pictures were made by cells that are {compared}."] if compared else [])
    if judged.referees:
        parts += [_OWN, table(distance_table(grid)), bullets(_headline(grid)), *_ranking(grid), made]
        for figure in figures:
            if figure.kind == "referee":
                parts += [image(figure.path, figure.caption), f"*{inline(figure.caption)}*"]
        parts.append(bullets([_referee(grid, referee) for referee in judged.referees]))
    parts += ["**Pictures, colours and edges**", table(picture_table(grid)), made]
    lines = [_sentence(metric) for metric in judged.metrics]
    return [*parts, "What the numbers mean:", bullets([_SSIM, *lines]), bullets(_reasons(grid))]


def _sentence(metric: MetricEntry) -> str:
    better = "more is better" if metric.direction == "higher" else "less is better"
    unit = f", in {metric.unit}" if metric.unit else ""
    return _bold(metric.name.replace("_", " ")) + inline(
        f": {metric.meaning}; {better}{unit} ({metric.source.rstrip('.')})."
    )


def _bold(text: str) -> str:
    """Return text in bold."""
    return f"**{inline(text)}**"


def _referee(grid: Grid, referee: RefereeEntry) -> str:
    name = _bold(referee.label)
    if referee.problem:
        return f"{name} cannot judge: {inline(shorten(referee.problem, 300))}"
    competes = any(record.backbone == referee.backbone for record in grid.ok)
    role = "also competes" if competes else "does not compete: neutral"
    network = f"{referee.backbone} with {referee.weights}, run by {referee.backend}"
    return (
        f"{name} ({inline(network)}) {role}; style layers {inline(', '.join(referee.style_layers))}; content layers "
        f"{inline(', '.join(referee.content_layers))}. `results.csv` has its distances per layer."
    )


def _headline(grid: Grid) -> list[str]:
    """Say what the column in bold is, or why there is none."""
    sets = outside_referees(grid)
    if len(sets) < 2:
        return ["The first column of numbers, in bold, is the mean over the other referees."]
    who = "; ".join(f"{', '.join(labels)} by {' and '.join(names) or 'nobody'}" for names, labels in sets.items())
    return [
        f"Networks have not the same referees beside themselves ({inline(who)}): compare down a referee's column; a "
        "mean over different referees would say nothing."
    ]


def _ranking(grid: Grid) -> list[str]:
    shown = ranking_table(grid, _PLACES)
    if shown.empty:
        return []
    rest = len(ranking_table(grid)) > len(shown)
    more = [f"The first {_PLACES} places of each referee; `tables/referee-ranking.tex` has all."] if rest else []
    return ["**Ranked by style distance**", _RANKING, table(shown), bullets([*unranked(grid), *more])]


def _reasons(grid: Grid) -> list[str]:
    """Return why values are empty, each reason once, with the number of pictures it concerns."""
    counts: dict[tuple[str, str], set[str]] = {}
    named: dict[tuple[str, str], list[str]] = {}
    for (cell, judge), score in grid.judgements.scores.items():
        for metric, reason in score.reasons.items():
            counts.setdefault((judge, reason), set()).add(cell)
            named.setdefault((judge, reason), []).append(metric)
    lines = []
    for (judge, reason), cells in counts.items():
        every = dict.fromkeys(named[judge, reason])
        what = " and ".join(every) if set(every) <= set(DISTANCES) or len(every) < 4 else f"{len(every)} metrics"
        by = f" by {judge}" if judge else ""
        pictures = f"{len(cells)} picture{'s' if len(cells) != 1 else ''}"
        lines.append(inline(f"No {what.replace('_', ' ')}{by} for {pictures}: {shorten(reason, 200)}."))
    return lines[:_MOST]
