from __future__ import annotations

import itertools
import math

import pytest
from matplotlib.text import Annotation

from nstbench.report.figure_tradeoff import ratio_text, tradeoff_figure
from nstbench.report.pareto import Point
from nstbench.report.tradeoff_curves import Curve, Network, Panel


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (0.0, "0"),
        (math.inf, "∞"),
        (0.1, "0.1"),
        (30.0, "30"),
        (1e4, "10⁴"),
        (3e-3, "3·10⁻³"),
        (123456.0, "1.23·10⁵"),
    ],
)
def test_ratios_are_short(ratio, text):
    assert ratio_text(ratio) == text


def make_panel(style, judge, *, crowded=False, scale=1.0):
    curves = []
    for number, name in enumerate(("vgg19", "efficientnet-lite0", "resnet50")):
        shift = 0.001 * number if crowded else 0.1 * number
        points = tuple(Point(10.0**k, 0.2 + 0.1 * k + shift, scale * (0.1 + 0.02 * k**2)) for k in range(7))
        curves.append(Curve(Network(f"{name} · torch", name, "torch", "w"), name == judge, points))
    return Panel("astronaut", style, judge, tuple(curves))


def labels(axes):
    return [each for each in axes.texts if isinstance(each, Annotation)]


@pytest.mark.parametrize("crowded", [False, True])
def test_labels_touch_neither_each_other_nor_the_frame(crowded):
    panels = [make_panel(style, judge, crowded=crowded) for style in ("a", "b") for judge in ("vgg19", "other")]
    figure = tradeoff_figure(panels)
    figure.draw_without_rendering()
    for axes in figure.axes:
        boxes = [label.get_window_extent() for label in labels(axes)]
        assert len(boxes) >= 2
        assert not any(one.overlaps(other) for one, other in itertools.combinations(boxes, 2))
        frame = axes.get_window_extent()
        assert all(frame.x0 <= box.x0 and box.x1 <= frame.x1 for box in boxes)


def test_a_network_that_judges_itself_is_dashed_and_marked():
    (own, other) = tradeoff_figure([make_panel("a", "vgg19"), make_panel("a", "other")]).axes
    assert sum(line.get_linestyle() == "--" for line in own.lines) == 1
    assert sum("†" in label.get_text() for label in labels(own)) >= 2
    assert not any(line.get_linestyle() == "--" for line in other.lines)
    assert not any("†" in label.get_text() for label in labels(other))


def test_distances_over_decades_get_a_logarithmic_axis():
    near, far = make_panel("a", "x"), make_panel("b", "x", scale=100.0)
    assert tradeoff_figure([near]).axes[0].get_yscale() == "linear"
    assert {axes.get_yscale() for axes in tradeoff_figure([near, far]).axes} == {"log"}


def test_one_point_and_hostile_names_can_be_drawn():
    curve = Curve(Network("a $x^{ · torch", "a", "torch", "w"), False, (Point(1.0, 0.5, 0.0),))
    tradeoff_figure([Panel("$_{", "\n|", "j$", (curve,))]).draw_without_rendering()
