"""Figure 7 of the report: total loss against iterations."""

from __future__ import annotations

import itertools
import math
import warnings
from pathlib import Path
from typing import Literal, NamedTuple

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from nstbench.report.grid import Block, Column, Grid, Row, weights_name
from nstbench.report.markdown import shorten
from nstbench.results import RunFolder
from nstbench.results.trace import read_trace

__all__ = ["curves_figure"]

_ACROSS = 3
_LEGEND = 20

Trace = tuple[list[int], list[float]]
Panel = tuple[str, str]
Colour = tuple[float, float, float, float]


class _Pen(NamedTuple):
    style: Literal["-", "--", ":", "-."]
    width: float
    alpha: float


def curves_figure(folder: RunFolder, grid: Grid, block: Block) -> Figure | None:
    """Draw a panel per network: a colour per layer set, a line style per backend; None if no cell has a trace."""
    traces = {place: _totals(folder.trace(record.cell)) for place, record in block.records.items()}
    traces = {place: trace for place, trace in traces.items() if trace[0]}
    if not traces:
        return None
    rows = [row for row in block.rows if any(row == place[0] for place in traces)]
    colours = dict(zip(rows, _colours(len(rows)), strict=True))
    pens = _pens(list(dict.fromkeys(column.backend for column in block.columns)))
    panels = dict.fromkeys(_panel(column) for column in block.columns if any(column == place[1] for place in traces))
    figure, axes = _empty(list(panels))
    for (row, column), trace in traces.items():
        axes[_panel(column)].add_line(_line(trace, colours[row], pens[column.backend]))
    for panel in panels:
        _finish(axes[panel], panel)
    _legends(figure, grid, colours, pens)
    return figure


def _totals(path: Path) -> Trace:
    """Return iterations and positive, finite total losses of a trace: a logarithmic axis has no other."""
    trace = read_trace(path)
    points = zip(trace.get("iteration", ()), trace.get("total", ()), strict=False)
    kept = [(int(iteration), total) for iteration, total in points if math.isfinite(total) and total > 0]
    return [iteration for iteration, _ in kept], [total for _, total in kept]


def _panel(column: Column) -> Panel:
    return column.label, column.weights


def _pens(backends: list[str]) -> dict[str, _Pen]:
    # Backends often agree to the pixel: the first is a broad pale line, so that the next one shows on top of it.
    first = _Pen("-", 3.5, 0.45) if len(backends) > 1 else _Pen("-", 1.5, 1.0)
    others = itertools.cycle([_Pen("--", 1.3, 1.0), _Pen(":", 1.6, 1.0), _Pen("-.", 1.3, 1.0)])
    return dict(zip(backends, itertools.chain([first], others), strict=False))


def _empty(panels: list[Panel]) -> tuple[Figure, dict[Panel, Axes]]:
    across = min(len(panels), _ACROSS)
    down = -(-len(panels) // across)
    figure = Figure(figsize=(4.3 * across + 1.9, 3.5 * down), layout="constrained")
    return figure, {panel: figure.add_subplot(down, across, index) for index, panel in enumerate(panels, start=1)}


def _line(trace: Trace, colour: Colour, pen: _Pen) -> Line2D:
    marker = "." if len(trace[0]) == 1 else ""
    return Line2D(*trace, color=colour, marker=marker, linestyle=pen.style, linewidth=pen.width, alpha=pen.alpha)


def _finish(axes: Axes, panel: Panel) -> None:
    axes.set_yscale("log")
    axes.autoscale_view()
    axes.set_title(f"{panel[0]} · {shorten(weights_name(panel[1]), 40)}", parse_math=False)
    axes.set_xlabel("iteration")
    axes.set_ylabel("total loss")
    axes.grid(visible=True, which="major")
    with warnings.catch_warnings():
        # A single point at iteration 0 has no range; matplotlib widens the axis by itself.
        warnings.simplefilter("ignore", UserWarning)
        axes.set_xlim(left=0)


def _colours(number: int) -> list[Colour]:
    # Layer sets are ordered (1 to n layers), so their colours are too; the palest yellow would not show on white.
    palette = matplotlib.colormaps["viridis"]
    return [palette(0.92 * index / max(number - 1, 1)) for index in range(number)]


def _legends(figure: Figure, grid: Grid, colours: dict[Row, Colour], pens: dict[str, _Pen]) -> None:
    lines = [_line(([], []), (0.2, 0.2, 0.2, 1.0), pen) for pen in pens.values()]
    labels = list(pens)
    lines.append(Line2D([], [], linestyle="none"))
    labels.append("")
    for row, colour in list(colours.items())[:_LEGEND]:
        lines.append(Line2D([], [], color=colour, linewidth=3))
        labels.append(shorten(grid.row_name(row), 34))
    if len(colours) > _LEGEND:
        lines.append(Line2D([], [], linestyle="none"))
        labels.append(f"and {len(colours) - _LEGEND} more")
    legend = figure.legend(lines, labels, loc="outside right upper")
    for text in legend.get_texts():
        text.set_parse_math(False)
