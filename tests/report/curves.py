"""Curves and panels of trade-offs, made up."""

from __future__ import annotations

from nstbench.report.pareto import Point
from nstbench.report.tradeoff_curves import Curve, Network, Panel


def curve(name, *pairs, backbone="", own=False):
    points = tuple(Point(10.0**number, *pair) for number, pair in enumerate(pairs))
    return Curve(Network(name, backbone or name, "torch", "w"), own, points)


def panel(*curves, judge="judge", style="ihc"):
    return Panel("astronaut", style, judge, curves)
