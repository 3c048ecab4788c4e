"""What the referees say: numbers that compare across networks, and a sentence on each of them."""

from __future__ import annotations

from collections.abc import Sequence

from nstbench.report.comparing import block_rows, verdict
from nstbench.report.drawing import ReportFigure
from nstbench.report.grid import Grid
from nstbench.report.markdown import bullets, image, inline, shorten, table
from nstbench.report.ranking import rankings
from nstbench.report.referee_tables import DISTANCES, SELF, competitors, distance_table, outsiders, picture_table
from nstbench.results import MetricEntry, RefereeEntry

__all__ = ["sections"]

_EXPLANATION = (
    "Losses of different networks are in different units. Here every picture is judged after the optimisation, by the "
    "same networks and formulas whatever network or backend made it, so these numbers compare down a column. Where a "
    "network with its settings made several pictures, a number is their median."
)
_HEADLINE = (
    f"A network's judgement of its own pictures is marked {SELF}: it favours what it was optimised for. The first "
    "column, in bold, is the mean over the other referees."
)
_SSIM = (
    "**ssim**: how much of the content picture's structure is kept; more is better, 1 is the content picture itself "
    "(Wang, Bovik, Sheikh, Simoncelli 2004, by scikit-image)."
)
_MOST = 20


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
        parts += [_HEADLINE, table(distance_table(grid)), bullets([*rankings(grid), *_differing(grid)]), made]
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


def _differing(grid: Grid) -> list[str]:
    """Return a warning where the bold column is not the mean over the same referees for all."""
    sets: dict[tuple[str, ...], list[str]] = {}
    for one in competitors(grid):
        names = tuple(referee.label for referee in outsiders(grid, one))
        sets.setdefault(names, []).append(one.column.label)
    if len(sets) < 2:
        return []
    who = "; ".join(
        f"{', '.join(dict.fromkeys(labels))} by {' and '.join(names) or 'nobody'}" for names, labels in sets.items()
    )
    return [
        f"The bold column has not the same referees for all ({inline(who)}): compare these down a referee's column."
    ]


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
