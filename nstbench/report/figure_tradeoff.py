"""Style distance against content SSIM: a row of panels per image pair, a panel per referee, a curve per network."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.transforms import Bbox

from nstbench.report.grid import Column
from nstbench.report.markdown import shorten
from nstbench.report.pareto import Point
from nstbench.report.style import GREY, NOTE, colours, lighter, markers
from nstbench.report.tradeoff_curves import Curve, Network, Panel

__all__ = ["ratio_text", "tradeoff_figure"]

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
# Where a label may stand, in points from its marker: the first place with nothing in it.
_OFFSETS = ((8, -9, "left"), (-8, 4, "right"), (8, 4, "left"), (-8, -9, "right"), (0, 9, "center"), (0, -15, "center"))


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
    figure.draw_without_rendering()
    for axes, panel in drawn:
        _label(axes, panel, look)
    return figure


def ratio_text(ratio: float) -> str:
    """Return a ratio as a figure prints it: ``0.1``, ``30``, ``10⁴``, ``3·10⁻³``."""
    if ratio == 0 or math.isinf(ratio) or 0.01 <= ratio < 1000:
        return f"{ratio:.3g}".replace("inf", "∞")
    mantissa, exponent = f"{ratio:.2e}".split("e")
    power = "10" + str(int(exponent)).translate(_SUPERSCRIPTS)
    factor = f"{float(mantissa):g}"
    return power if factor == "1" else f"{factor}·{power}"


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


@dataclass(slots=True)
class _Sheet:
    """What already stands in a panel, in pixels: boxes, and the middles of all markers."""

    inside: Bbox
    markers: list[tuple[float, float]]
    taken: list[Bbox] = field(default_factory=list)

    def free(self, box: Bbox) -> bool:
        """Say whether a box is inside the panel and touches nothing."""
        whole = self.inside.x0 <= box.x0 and box.x1 <= self.inside.x1
        whole = whole and self.inside.y0 <= box.y0 and box.y1 <= self.inside.y1
        return whole and not any(box.overlaps(other) for other in self.taken)

    def belongs(self, box: Bbox, marker: tuple[float, float]) -> bool:
        """Say whether no marker but its own is nearest to a label."""
        nearest = min(_distance(box, other) for other in self.markers)
        return _distance(box, marker) <= nearest


def _label(axes: Axes, panel: Panel, look: _Look) -> None:
    """Write ratios beside points, the ends of every curve first, where there is room."""
    points = [point for curve in panel.curves for point in curve.points]
    markers = [_pixels(axes, point.ssim, point.distance) for point in points]
    sheet = _Sheet(axes.get_window_extent(), markers, [_box(*_pixels(axes, 1.0, 1.0), 9)])
    for curve in panel.curves:
        for left, right in itertools.pairwise(curve.points):
            sheet.taken += _along(axes, left, right)
    ordered = [(curve, point) for curve in panel.curves for point in (curve.points[0], curve.points[-1])]
    ordered += [(curve, point) for curve in panel.curves for point in curve.points[1:-1]]
    for curve, point in dict.fromkeys(ordered):
        text = ratio_text(point.ratio) + " †" * curve.self_refereed
        _place(axes, sheet, point, text, look.colours[curve.network])


def _place(axes: Axes, sheet: _Sheet, point: Point, text: str, colour: str) -> None:
    where = (point.ssim, point.distance)
    for right, up, align in _OFFSETS:
        label = axes.annotate(
            text, where, (right, up), textcoords="offset points", ha=align, fontsize=NOTE, color=colour, zorder=5
        )
        label.set_in_layout(False)
        box = label.get_window_extent()
        if sheet.free(box) and sheet.belongs(box, _pixels(axes, *where)):
            sheet.taken.append(box.padded(2))
            return
        label.remove()


def _along(axes: Axes, left: Point, right: Point) -> list[Bbox]:
    """Cover a line between two points, and its markers, with small boxes."""
    (x0, y0), (x1, y1) = _pixels(axes, left.ssim, left.distance), _pixels(axes, right.ssim, right.distance)
    steps = max(int(math.hypot(x1 - x0, y1 - y0) // 4), 1)
    places = [(x0 + (x1 - x0) * step / steps, y0 + (y1 - y0) * step / steps) for step in range(steps + 1)]
    ends = [_box(x0, y0, 5), _box(x1, y1, 5)]
    return [*ends, *(_box(x, y, 2) for x, y in places)]


def _pixels(axes: Axes, x: float, y: float) -> tuple[float, float]:
    across, up = axes.transData.transform((x, y))
    return across, up


def _distance(box: Bbox, marker: tuple[float, float]) -> float:
    """Return how far the nearest edge of a box is from a marker."""
    across = max(box.x0 - marker[0], 0.0, marker[0] - box.x1)
    return math.hypot(across, max(box.y0 - marker[1], 0.0, marker[1] - box.y1))


def _box(x: float, y: float, pixels: float) -> Bbox:
    return Bbox.from_extents(x - pixels, y - pixels, x + pixels, y + pixels)


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
