"""Records and judgements as trade-off curves: per image pair and referee, one curve per network."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nstbench.report.grid import Column, Grid, weights_name
from nstbench.report.numbers import setting
from nstbench.report.pareto import Point, pareto_front
from nstbench.results import Record
from nstbench.results.scores import Score

__all__ = ["LEAST_RATIOS", "METRIC", "Curve", "Network", "Panel", "panels"]

METRIC = "style_distance"
LEAST_RATIOS = 3
"""Fewer ratios than this are points, not a curve."""

_NOT_NETWORK = frozenset({"content_weight", "style_weight", "seed", "repeat", "init_noise"})
"""Settings that a curve runs along or takes the median over; every other one that varies makes a curve of its own."""


@dataclass(frozen=True, slots=True)
class Network:
    """What one curve belongs to: a column of the tables, at one layer set and one value of everything else varied."""

    name: str
    backbone: str
    backend: str
    weights: str
    label: str = ""

    @property
    def column(self) -> Column:
        """Return the column of the tables, which may have several curves."""
        return Column(self.label or self.name, self.backend, self.weights)


@dataclass(frozen=True, slots=True)
class Curve:
    """A network's settings as one referee sees them, by increasing content:style ratio."""

    network: Network
    self_refereed: bool
    points: tuple[Point, ...]

    @property
    def front(self) -> tuple[Point, ...]:
        """Return the points that none of the same curve dominates."""
        return pareto_front(self.points)


@dataclass(frozen=True, slots=True)
class Panel:
    """Everything one referee says of one image pair."""

    content: str
    style: str
    judge: str
    curves: tuple[Curve, ...]

    @property
    def pair(self) -> tuple[str, str]:
        """Return the names of the content and the style picture."""
        return self.content, self.style

    @property
    def front(self) -> tuple[Point, ...]:
        """Return the points that none of any curve dominates."""
        return pareto_front(point for curve in self.curves for point in curve.points)


def panels(grid: Grid, scores: Sequence[Score]) -> list[Panel]:
    """Return a panel per image pair and referee for which some network ran at three ratios or more.

    The ratio is the content weight divided by the style weight. Seeds and repeats of one setting become one point, the
    median of each number. Pictures without an SSIM or a style distance, or of which both weights are 0, are left out.
    """
    points, judges = _collect(grid, scores)
    found = [
        Panel(*pair, judge, tuple(_curve(network, own, backbone) for network, own in networks.items()))
        for (pair, judge, backbone), networks in points.items()
    ]
    kept = [panel for panel in found if any(len(curve.points) >= LEAST_RATIOS for curve in panel.curves)]
    pairs = list(dict.fromkeys(panel.pair for panel in kept))
    return sorted(kept, key=lambda panel: (pairs.index(panel.pair), judges.index(panel.judge)))


_Place = tuple[tuple[str, str], str, str]
_Values = dict[float, list[tuple[float, float, str]]]


def _collect(grid: Grid, scores: Sequence[Score]) -> tuple[dict[_Place, dict[Network, _Values]], list[str]]:
    """Return the numbers of every (pair, referee), network and ratio, and the referees in the order they came."""
    judged: dict[str, list[Score]] = defaultdict(list)
    for score in scores:
        judged[score.cell].append(score)
    points: dict[_Place, dict[Network, _Values]] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    for record, network, ratio in _settings(grid):
        for score in judged[record.cell]:
            ssim, distance = record.ssim_content, score.values.get(METRIC)
            if ssim is not None and distance is not None and math.isfinite(ssim) and math.isfinite(distance):
                place = ((record.content, record.style), score.judge, score.backbone)
                points[place][network][ratio].append((ssim, distance, record.cell))
    return points, list(dict.fromkeys(score.judge for score in scores))


def _settings(grid: Grid) -> Iterator[tuple[Record, Network, float]]:
    names = _names(grid)
    for record in grid.ok:
        ratio = _ratio(record)
        if not math.isnan(ratio):
            name = names[_identity(grid, record)]
            yield record, Network(name, record.backbone, record.backend, record.weights, record.label), ratio


def _ratio(record: Record) -> float:
    if record.style_weight == 0:
        return math.inf if record.content_weight else math.nan
    # 1/1e2 and 1e2/1e4 are one ratio, whatever the last bit says.
    return float(f"{record.content_weight / record.style_weight:.9g}")


def _identity(grid: Grid, record: Record) -> tuple[str, ...]:
    axes = [axis for axis in grid.axes if axis not in _NOT_NETWORK]
    settings = [f"{axis} {setting(getattr(record, axis))}" for axis in axes]
    return (record.label, record.backend, record.weights, record.layer_set, *settings)


def _names(grid: Grid) -> dict[tuple[str, ...], str]:
    """Name every curve ``label · backend``, and what else it takes to tell it from the others."""
    keys = list(dict.fromkeys(_identity(grid, record) for record in grid.records))
    names: dict[tuple[str, ...], str] = {}
    for key in keys:
        alike = [other for other in keys if other[:2] == key[:2]]
        parts = [key[0], key[1]]
        if weights_name(key[2]) != key[2]:
            parts.append(weights_name(key[2]))
        elif len({other[2] for other in alike}) > 1:
            parts.append(key[2])
        if len({other[3] for other in alike}) > 1:
            parts.append(f"set {key[3]}")
        names[key] = " · ".join([*parts, *key[4:]])
    return names


def _curve(network: Network, values: _Values, judge_backbone: str) -> Curve:
    points = [_median(ratio, own) for ratio, own in sorted(values.items())]
    return Curve(network, bool(judge_backbone) and network.backbone == judge_backbone, tuple(points))


def _median(ratio: float, values: Sequence[tuple[float, float, str]]) -> Point:
    ssims, distances, cells = zip(*values, strict=True)
    return Point(ratio, statistics.median(ssims), statistics.median(distances), cells)
