"""What each referee says of every picture: a row of dots per network, and style distance against content distance."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.ticker import LogLocator, NullFormatter

from nstbench.report.grid import Column, Grid, weights_name
from nstbench.report.markdown import shorten
from nstbench.report.numbers import significant
from nstbench.report.referee_tables import DISTANCES, SELF
from nstbench.report.style import GREY, NOTE, TICK, colours, markers
from nstbench.results import RefereeEntry

__all__ = ["Judged", "judged", "referees_figure"]

_ROW, _LEAST, _FRAME = 0.33, 1.9, 1.0
"""Inches: of a network, of all networks at least, and of what stands around a panel."""
_SPREAD = 30.0
"""Values further apart than this, as a ratio, are on a logarithmic scale."""
_DECADES = 100.0
"""Logarithmic scales up to this ratio have numbers at 1, 2 and 5, others at powers of ten."""
_DOT, _SHORTEST = 4.0, 1e-4
_MEDIANS = (13.0, 6.5, 4.5)
"""Sizes of the medians of the first, second and further backends: where they agree, one stands within the other."""
_GOLDEN = 0.6180339887
_STYLE, _CONTENT = "style distance (less is better)", "content distance (less is better)"


@dataclass(frozen=True, slots=True)
class Judged:
    """What a referee says of a network's pictures: the two distances, one of each per picture."""

    column: Column
    self_refereed: bool
    style: tuple[float, ...]
    content: tuple[float, ...]


def judged(grid: Grid, referee: RefereeEntry) -> list[Judged]:
    """Return the networks of which a referee judged a picture in both distances, in the order of the tables."""
    found: dict[Column, list[tuple[float, float]]] = {}
    own: dict[Column, bool] = {}
    for record in grid.ok:
        style, content = (grid.judgements.value(record.cell, referee.label, metric) for metric in DISTANCES)
        if style is not None and content is not None:
            column = Column(record.label, record.backend, record.weights)
            found.setdefault(column, []).append((style, content))
            own[column] = bool(referee.backbone) and referee.backbone == record.backbone
    return [
        Judged(column, own[column], *zip(*found[column], strict=True)) for column in grid.columns if column in found
    ]


def referees_figure(panels: Sequence[tuple[str, Sequence[Judged]]], columns: Sequence[Column]) -> Figure:
    """Draw a line of two panels per referee (its label, and what it says); at least one referee with a network.

    ``columns`` are those of the tables, in whose order networks have their colours in every figure.
    """
    heights = [max(_ROW * len(rows), _LEAST) + _FRAME for _, rows in panels]
    figure = Figure(figsize=(10.5, sum(heights) + 0.4), layout="constrained")
    places = figure.add_gridspec(len(panels), 2, width_ratios=(1.15, 1), height_ratios=heights)
    look = colours([*columns, *(row.column for _, rows in panels for row in rows)])
    untouched = False
    for line, (label, rows) in enumerate(panels):
        _rows(figure.add_subplot(places[line, 0]), label, rows, look)
        untouched |= _distances(figure.add_subplot(places[line, 1]), label, rows, look)
    own = any(row.self_refereed for _, rows in panels for row in rows)
    _legend(figure, markers(column.backend for column in look), with_own=own, with_untouched=untouched)
    return figure


def _rows(axes: Axes, label: str, rows: Sequence[Judged], look: dict[Column, str]) -> None:
    """Draw the style distances: a row of dots per network, the median as a bar with its value."""
    for place, row in enumerate(rows):
        # Within a row dots stand above and below each other in a fixed order, so that equal ones show.
        heights = [place + 0.5 * ((index * _GOLDEN) % 1 - 0.5) for index in range(len(row.style))]
        _dots(axes, row.style, heights, look[row.column], hollow=row.self_refereed)
        median = statistics.median(row.style)
        axes.plot([median, median], [place - 0.38, place + 0.38], color="black", linewidth=1.6, zorder=4)
        axes.annotate(
            significant(median),
            (1.0, place),
            (4, 0),
            ("axes fraction", "data"),
            "offset points",
            va="center",
            fontsize=TICK,
        )
    axes.set_yticks(range(len(rows)), [_name(row) for row in rows], parse_math=False)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.set_title(f"judged by {shorten(label, 40)}", parse_math=False)
    axes.set_xlabel(_STYLE)
    axes.grid(visible=True, which="major", axis="x")
    if _scaled(axes, "x", [value for row in rows for value in row.style]):
        axes.axvline(1.0, color=GREY, linewidth=0.8, linestyle=":", zorder=1)


def _distances(axes: Axes, label: str, rows: Sequence[Judged], look: dict[Column, str]) -> bool:
    """Draw style distance against content distance: dots, and a large marker at a network's medians.

    Say whether the untouched content, at content distance 0, has a place: on a logarithmic axis it has none.
    """
    shapes = markers(column.backend for column in look)
    sizes = _sizes(shapes)
    for row in rows:
        _dots(axes, row.content, row.style, look[row.column], hollow=row.self_refereed)
    for row in rows:
        face = "white" if row.self_refereed else look[row.column]
        at = [statistics.median(row.content)], [statistics.median(row.style)]
        edge = look[row.column] if row.self_refereed else "black"
        axes.plot(
            *at,
            marker=shapes[row.column.backend],
            markersize=sizes[row.column.backend],
            mfc=face,
            mec=edge,
            mew=1.2,
            linestyle="none",
            zorder=4,
        )
    linear = _scaled(axes, "x", [value for row in rows for value in row.content])
    untouched = _scaled(axes, "y", [value for row in rows for value in row.style]) and linear
    if untouched:
        axes.plot([0.0], [1.0], marker="*", markersize=11, color=GREY, linestyle="none", clip_on=False, zorder=2)
    axes.set_title(f"judged by {shorten(label, 40)}", parse_math=False)
    axes.set_xlabel(_CONTENT)
    axes.set_ylabel(_STYLE)
    axes.grid(visible=True, which="major")
    return untouched


def _dots(axes: Axes, across: Sequence[float], up: Sequence[float], colour: str, *, hollow: bool) -> None:
    """Draw dots as the shortest of lines under a round pen: one path, of a few bytes a dot where markers take fifty."""
    points = np.repeat(np.column_stack([across, up]), 2, axis=0)
    points[1::2, 0] += _SHORTEST * np.maximum(np.abs(points[1::2, 0]), 0.01)
    path = Path(points, [Path.MOVETO, Path.LINETO] * len(across))
    path.should_simplify = False
    for width, shade in ((_DOT, colour), (_DOT - 1.8, "white"))[: 2 if hollow else 1]:
        pen = PathPatch(path, fill=False, edgecolor=shade, linewidth=width, capstyle="round", zorder=3)
        pen.set_snap(False)  # to whole pixels
        axes.add_patch(pen)


def _scaled(axes: Axes, name: str, values: Sequence[float]) -> bool:
    """Choose the scale of an axis; say whether it is linear, from 0."""
    scale, limit = (axes.set_xscale, axes.set_xlim) if name == "x" else (axes.set_yscale, axes.set_ylim)
    axis = axes.xaxis if name == "x" else axes.yaxis
    low, high = min(values), max(values)
    if low > 0 and high / low > _SPREAD:
        limit(low / 1.2, high * 1.2)  # first: a scale that looks for limits of its own may overflow
        scale("log")
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if high / low < _DECADES else (1.0,)))
        axis.set_major_formatter("{x:g}")
        axis.set_minor_formatter(NullFormatter())
        return False
    limit(min(low, 0.0), max(high * 1.06, 1e-9))
    return True


def _sizes(shapes: dict[str, str]) -> dict[str, float]:
    return {backend: _MEDIANS[min(place, len(_MEDIANS) - 1)] for place, backend in enumerate(shapes)}


def _name(row: Judged) -> str:
    network = shorten(f"{row.column.label} · {row.column.backend}", 34) + f" {SELF}" * row.self_refereed
    return f"{network}\n{shorten(weights_name(row.column.weights), 36)}"


def _legend(figure: Figure, shapes: dict[str, str], *, with_own: bool, with_untouched: bool) -> None:
    handles = [_key("o", "a picture", _DOT), _key("|", "median", 10, mec="black", mew=1.6)]
    sizes = _sizes(shapes)
    handles += [
        _key(marker, f"both medians, {shorten(backend, 20)}", sizes[backend], mec="black")
        for backend, marker in shapes.items()
    ]
    handles += [_key("*", "untouched content", 10)] if with_untouched else []
    handles += [_key("o", f"{SELF} judged by its own network", 6, mfc="white")] if with_own else []
    legend = figure.legend(handles=handles, loc="outside lower center", ncols=min(len(handles), 6), fontsize=NOTE)
    for text in legend.get_texts():
        text.set_parse_math(False)


def _key(marker: str, label: str, size: float, **style: Any) -> Line2D:
    return Line2D([], [], color=GREY, marker=marker, markersize=size, linestyle="none", label=label, **style)
