"""Style distance against content SSIM: a row of panels per image pair, a panel per referee, a curve per network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from nstbench.report.grid import Column
from nstbench.report.markdown import shorten
from nstbench.report.pareto import Point
from nstbench.report.style import GREY, colours, lighter, markers
from nstbench.report.tradeoff_curves import Curve, Network, Panel
from nstbench.report.tradeoff_labels import write_labels

__all__ = ["tradeoff_figure"]


@dataclass(frozen=True, slots=True)
class _Look:
    """How networks are drawn: a colour each, a marker per backend."""

    colours: dict[Network, str]
    markers: dict[str, str]


def tradeoff_figure(panels: Sequence[Panel], columns: Sequence[Column] = ()) -> Figure:
    """Draw the panels: image pairs down, referees across; at least one panel.

    ``columns`` are those of the tables, in whose order networks have their colours in every figure.
    """
    pairs = list(dict.fromkeys(panel.pair for panel in panels))
    judges = list(dict.fromkeys(panel.judge for panel in panels))
    look = _look(panels, columns)
    figure = Figure(figsize=(4.6 * len(judges), 4.0 * len(pairs) + 0.9), layout="constrained")
    drawn: list[tuple[Axes, Panel]] = []
    for panel in panels:
        place = pairs.index(panel.pair) * len(judges) + judges.index(panel.judge) + 1
        axes = figure.add_subplot(len(pairs), len(judges), place)
        _draw(axes, panel, look)
        drawn.append((axes, panel))
    _legend(figure, look, panels)
    # Labels avoid each other on the sheet, so the sheet must have its layout first.
    layout: Any = figure.get_layout_engine()
    layout.execute(figure)
    # One for all labels: matplotlib would make a new one, a sheet's pixels, for each question how large a text is.
    canvas: Any = FigureCanvasAgg(figure)
    renderer: RendererAgg = canvas.get_renderer()
    for axes, panel in drawn:
        write_labels(axes, panel, look.colours, renderer)
    return figure


def _look(panels: Sequence[Panel], columns: Sequence[Column]) -> _Look:
    networks = dict.fromkeys(curve.network for panel in panels for curve in panel.curves)
    of_column = colours([*columns, *(network.column for network in networks)])
    shades = {column: [each for each in networks if each.column == column] for column in of_column}
    shown = {network: _shade(of_column[network.column], shades[network.column].index(network)) for network in networks}
    return _Look(shown, markers(column.backend for column in of_column))


def _shade(colour: str, index: int) -> str:
    """Return the colour of the ``index``-th curve of a column: its layer sets and settings are shades of one colour."""
    return lighter(colour, (0.0, 0.35, 0.6)[index % 3])


def _draw(axes: Axes, panel: Panel, look: _Look) -> None:
    front = panel.front
    axes.plot(
        *_coordinates(front), color="0.85", linewidth=7, solid_capstyle="round", solid_joinstyle="round", zorder=1
    )
    axes.axhline(1.0, color="0.6", linewidth=0.8, linestyle=":", zorder=1)
    axes.plot([1.0], [1.0], marker="*", markersize=11, color=GREY, linestyle="none", zorder=2)
    for curve in panel.curves:
        _draw_curve(axes, curve, set(front), look)
    # Linear, as the interpolation of the table is: its numbers can be read off the lines.
    axes.margins(0.08)
    axes.set_ylim(bottom=0)
    pair = f"{panel.content} in the style of {panel.style}"
    axes.set_title(f"{shorten(pair, 60)}\njudged by {shorten(panel.judge, 50)}", parse_math=False)
    axes.set_xlabel("SSIM with the content (more is better)")
    axes.set_ylabel("style distance (less is better)")
    axes.grid(visible=True, which="major")


def _draw_curve(axes: Axes, curve: Curve, front: set[Point], look: _Look) -> None:
    colour, marker = look.colours[curve.network], look.markers[curve.network.backend]
    line = "--" if curve.self_refereed else "-"
    axes.plot(*_coordinates(curve.points), color=colour, linestyle=line, linewidth=1.5, zorder=3)
    for point in curve.points:
        face = colour if point in front else "white"
        axes.plot([point.ssim], [point.distance], marker=marker, markersize=6.5, color=colour, mfc=face, zorder=4)


def _coordinates(points: Sequence[Point]) -> tuple[list[float], list[float]]:
    return [point.ssim for point in points], [point.distance for point in points]


def _legend(figure: Figure, look: _Look, panels: Sequence[Panel]) -> None:
    lines = [
        Line2D(
            [], [], color=colour, marker=look.markers[network.backend], linewidth=1.5, label=shorten(network.name, 60)
        )
        for network, colour in look.colours.items()
    ]
    lines.append(Line2D([], [], color=GREY, marker="o", linestyle="none", label="on the Pareto front of all"))
    lines.append(Line2D([], [], color=GREY, marker="o", mfc="white", linestyle="none", label="dominated"))
    lines.append(Line2D([], [], color=GREY, marker="*", markersize=10, linestyle="none", label="the untouched content"))
    if any(curve.self_refereed for panel in panels for curve in panel.curves):
        lines.append(Line2D([], [], color=GREY, linestyle="--", label="† judged by its own network"))
    judges = len({panel.judge for panel in panels})
    legend = figure.legend(handles=lines, loc="outside lower center", ncols=1 if judges == 1 else judges + 1)
    for text in legend.get_texts():
        text.set_parse_math(False)
