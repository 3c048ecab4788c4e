"""The trade-off between content and style: its figures, tables at matched content SSIM, and what they say."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from nstbench.report.comparing import verdict
from nstbench.report.drawing import ReportFigure
from nstbench.report.grid import Grid
from nstbench.report.markdown import bullets, image, inline, table
from nstbench.report.numbers import MISSING, similarity
from nstbench.report.pareto import at_ssim
from nstbench.report.tradeoff_curves import Curve, Panel
from nstbench.report.tradeoff_levels import duels, levels
from nstbench.report.tradeoff_verdict import Key, Statement, statements, verdicts

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["compared", "decisions", "matched", "sections", "tradeoff_frame"]

_EXPLANATION = (
    "How much of the content a network gives up for how much style depends on the ratio of the two weights, so one "
    "setting of each says little about networks: the curves have the ratio content weight : style weight written "
    "beside their points. **Style distance** is the referee's (mean over its style layers, relative to the untouched "
    "content picture: 1 is untouched, 0 the style's own statistics; less is better), **SSIM** is with the content "
    "(more is better). Where a setting ran with several seeds or repeats, a point is their median."
)
_METHOD = (
    "Style distance at the same SSIM, linear between the two neighbouring points of the network's own Pareto front "
    "under that referee. Nothing is extrapolated. † is a network's judgement of itself, which decides nothing."
)


def sections(panels: Sequence[Panel], figures: Sequence[ReportFigure] = ()) -> list[str]:
    """Return the parts of the report's section as markdown, none where there is no trade-off to show.

    ``panels`` are what ``tradeoff_curves.panels`` returns; of ``figures`` those of kind ``tradeoff`` are shown.
    """
    if not panels:
        return []
    parts = ["## Trade-off between content and style", _EXPLANATION]
    for figure in figures:
        if figure.kind == "tradeoff":
            parts += [image(figure.path, figure.caption), f"*{inline(figure.caption)}*"]
    parts += ["### Networks at matched content SSIM", _METHOD]
    return [*parts, *matched(panels)]


def compared(grid: Grid) -> list[str]:
    """Return whether the networks' settings are the same, but for the weights that are swept, as markdown."""
    rows = [[record for each in block.repeats.values() for record in each] for block in grid.blocks]
    found = verdict(rows, swept=("content_weight", "style_weight"))
    return [bullets([f"Networks, but for the loss weights that are swept: {found}."])] if found else []


def matched(panels: Sequence[Panel]) -> list[str]:
    """Return the statements about every two networks, and a table per image pair with the reasons for its gaps."""
    parts, found = [], []
    for (content, style), own, at in _pairs(panels):
        found += duels(own, at)
        parts.append(f"**{inline(content)} in the style of {inline(style)}**")
        parts += [table(_matched_frame(own, at))] if at else []
        parts += [bullets(reasons)] if (reasons := _gaps(own, at)) else []
    lines = verdicts(found)
    return [*([bullets(lines)] if lines else []), *parts]


def decisions(panels: Sequence[Panel]) -> list[str]:
    """Return, of each two networks, a statement that says which is better, or that neither is; not all have one.

    It is on one backend and layer set of each, and says how many of the others in ``matched`` say the same.
    """
    groups: dict[frozenset[Key], list[Statement]] = {}
    for each in statements([duel for _, own, at in _pairs(panels) for duel in duels(own, at)]):
        groups.setdefault(each.networks, []).append(each)
    return [_decision(own) for networks, own in groups.items() if len(networks) > 1 and own[0].better]


def _pairs(panels: Sequence[Panel]) -> Iterator[tuple[tuple[str, str], list[Panel], list[float]]]:
    """Yield each image pair with its panels and the levels of SSIM at which they are compared."""
    for pair, group in itertools.groupby(panels, key=lambda panel: panel.pair):
        own = list(group)
        yield pair, own, levels(own)


def _decision(found: Sequence[Statement]) -> str:
    """Return the statement of what most say; the first of ``found`` decides something."""
    counts = Counter(each.better for each in found if each.better)
    better, most = counts.most_common(1)[0]
    text = next(each.text for each in found if each.better == better)
    if len(found) == 1:
        return text
    against = sum(counts.values()) - most
    others = f", {against} otherwise" if against else ""
    return f"{text} Of {len(found)} such comparisons of the two, on all backends and layer sets, {most} say so{others}."


def tradeoff_frame(panels: Sequence[Panel]) -> pd.DataFrame:
    """Return one row per point: its place, its numbers, and whether it is on a front.

    ``ratio`` is content weight : style weight and ``cells`` how many cells the point is the median of;
    ``pareto_own`` is the front of the same network, ``pareto`` that of all networks of the pair and referee.
    """
    import pandas as pd

    rows = [row for panel in panels for curve in panel.curves for row in _rows(panel, curve)]
    return pd.DataFrame(rows)


def _rows(panel: Panel, curve: Curve) -> list[dict[str, object]]:
    network, own, front = curve.network, set(curve.front), set(panel.front)
    place = {
        "content": panel.content,
        "style": panel.style,
        "judge": panel.judge,
        "network": network.name,
        "backbone": network.backbone,
        "backend": network.backend,
        "weights": network.weights,
        "self_refereed": curve.self_refereed,
    }
    return [
        place
        | {
            "ratio": point.ratio,
            "ssim_content": point.ssim,
            "style_distance": point.distance,
            "cells": len(point.cells),
            "pareto_own": point in own,
            "pareto": point in front,
        }
        for point in curve.points
    ]


def _matched_frame(panels: Sequence[Panel], at: Sequence[float]) -> pd.DataFrame:
    import pandas as pd

    networks = list(dict.fromkeys(curve.network for panel in panels for curve in panel.curves))
    rows = []
    for panel in panels:
        curves = {curve.network: curve for curve in panel.curves}
        for level in at:
            values = [_value(curves.get(network), level) for network in networks]
            if set(values) != {MISSING}:
                rows.append([inline(panel.judge), f"{level:g}", *values])
    return pd.DataFrame(rows, columns=["judged by", "content SSIM", *(network.name for network in networks)])


def _value(curve: Curve | None, level: float) -> str:
    value = None if curve is None else at_ssim(curve.front, level)
    return similarity(value) + " †" * (value is not None and curve is not None and curve.self_refereed)


def _gaps(panels: Sequence[Panel], at: Sequence[float]) -> list[str]:
    """Say of every curve that lacks a number why; where no level is shared, say so first."""
    lines = [] if at else ["No round SSIM lies inside the ranges of two networks, so there is nothing to compare."]
    for panel in panels:
        for curve in panel.curves:
            missing = [level for level in at if at_ssim(curve.front, level) is None]
            if missing or not at:
                lines.append(_gap(panel, curve, missing))
    return lines


def _gap(panel: Panel, curve: Curve, missing: Sequence[float]) -> str:
    front = curve.front
    where = f" at {', '.join(f'{level:g}' for level in missing)}" if missing else ""
    span = f"SSIM {similarity(front[0].ssim)}–{similarity(front[-1].ssim)}" if len(front) > 1 else "one point"
    name = f"{inline(curve.network.name)} by {inline(panel.judge)}"
    return f"{name} has no number{where}: its Pareto front spans {span}."
