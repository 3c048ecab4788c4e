"""Labels of a trade-off's points: a loss ratio beside its marker, where it touches nothing."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from nstbench.report.pareto import Point
from nstbench.report.style import NOTE
from nstbench.report.tradeoff_curves import Network, Panel

__all__ = ["ratio_text", "write_labels"]

Pixels = NDArray[np.float64]

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
# Where a label may stand, in points from its marker: the first place with nothing in it.
_OFFSETS: tuple[tuple[int, int, Literal["left", "right", "center"]], ...] = (
    *((8, -9, "left"), (-8, 4, "right"), (8, 4, "left"), (-8, -9, "right"), (0, 9, "center"), (0, -15, "center")),
)


def ratio_text(ratio: float) -> str:
    """Return a ratio as a figure prints it: ``0.1``, ``30``, ``10⁴``, ``3·10⁻³``."""
    if ratio == 0 or math.isinf(ratio) or 0.01 <= ratio < 1000:
        return f"{ratio:.3g}".replace("inf", "∞")
    mantissa, exponent = f"{ratio:.2e}".split("e")
    power = "10" + str(int(exponent)).translate(_SUPERSCRIPTS)
    factor = f"{float(mantissa):g}"
    return power if factor == "1" else f"{factor}·{power}"


@dataclass(slots=True)
class _Sheet:
    """What already stands in a panel, in pixels: boxes, and the middles of all markers."""

    inside: Bbox
    markers: Pixels
    taken: Pixels = field(default_factory=lambda: np.empty((0, 4)))

    def take(self, boxes: Sequence[Bbox]) -> None:
        """Keep the room of some boxes free."""
        self.taken = np.vstack([self.taken, *(box.extents for box in boxes)])

    def free(self, box: Bbox) -> bool:
        """Say whether a box is inside the panel and touches nothing."""
        whole = self.inside.x0 <= box.x0 and box.x1 <= self.inside.x1
        whole = whole and self.inside.y0 <= box.y0 and box.y1 <= self.inside.y1
        left, low, right, high = self.taken.T
        touched = (box.x0 <= right) & (left <= box.x1) & (box.y0 <= high) & (low <= box.y1)
        return whole and not touched.any()

    def belongs(self, box: Bbox, marker: tuple[float, float]) -> bool:
        """Say whether no marker but its own is nearest to a label."""
        return bool(_distances(box, np.array([marker]))[0] <= _distances(box, self.markers).min())


def write_labels(axes: Axes, panel: Panel, colours: Mapping[Network, str], renderer: RendererAgg) -> None:
    """Write ratios beside points, the ends of every curve first, where there is room.

    The sheet must have its layout. ``renderer`` measures texts.
    """
    points = [point for curve in panel.curves for point in curve.points]
    markers = [_pixels(axes, point.ssim, point.distance) for point in points]
    sheet = _Sheet(axes.get_window_extent(), np.array(markers))
    sheet.take([_box(*_pixels(axes, 1.0, 1.0), 9)])
    for curve in panel.curves:
        for left, right in itertools.pairwise(curve.points):
            sheet.take(_along(axes, left, right))
    ordered = [(curve, point) for curve in panel.curves for point in (curve.points[0], curve.points[-1])]
    ordered += [(curve, point) for curve in panel.curves for point in curve.points[1:-1]]
    for curve, point in dict.fromkeys(ordered):
        text = ratio_text(point.ratio) + " †" * curve.self_refereed
        label = axes.annotate(
            text,
            (point.ssim, point.distance),
            (0, 0),
            textcoords="offset points",
            fontsize=NOTE,
            color=colours[curve.network],
            zorder=5,
        )
        label.set_in_layout(False)
        if not _placed(label, sheet, _pixels(axes, point.ssim, point.distance), renderer):
            label.remove()


def _placed(label: Annotation, sheet: _Sheet, marker: tuple[float, float], renderer: RendererAgg) -> bool:
    """Move a label to the first place beside its marker that is free, and say whether there is one."""
    for right, up, align in _OFFSETS:
        label.set_position((right, up))
        label.set_horizontalalignment(align)
        box = label.get_window_extent(renderer)
        if sheet.free(box) and sheet.belongs(box, marker):
            sheet.take([box.padded(2)])
            return True
    return False


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


def _distances(box: Bbox, markers: Pixels) -> Pixels:
    """Return how far the nearest edge of a box is from each marker."""
    beyond = np.maximum(np.maximum(box.min - markers, markers - box.max), 0.0)
    return np.asarray(np.hypot(beyond[:, 0], beyond[:, 1]))


def _box(x: float, y: float, pixels: float) -> Bbox:
    return Bbox.from_extents(x - pixels, y - pixels, x + pixels, y + pixels)
