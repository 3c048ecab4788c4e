from __future__ import annotations

import itertools
import math

import pytest
from matplotlib.text import Annotation

from nstbench.report.figure_tradeoff import tradeoff_figure
from nstbench.report.figure_tradeoff_pictures import nearest, pictures_figure, shown_levels
from nstbench.report.grid import Column
from nstbench.report.pareto import Point
from nstbench.report.style import colours, lighter
from nstbench.report.tradeoff_curves import Curve, Network, Panel
from nstbench.report.tradeoff_labels import ratio_text
from nstbench.results import RunFolder


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


def test_a_label_is_nearest_to_its_own_point():
    # Two points so close that a label left of the second would stand above the first.
    points = (Point(1.0, 0.30, 0.5), Point(1e5, 0.34, 0.51), Point(1e9, 0.9, 0.1))
    curve = Curve(Network("a", "a", "torch", "w"), False, points)
    figure = tradeoff_figure([Panel("c", "s", "j", (curve,))])
    figure.draw_without_rendering()
    (axes,) = figure.axes
    places = {ratio_text(p.ratio): axes.transData.transform((p.ssim, p.distance)) for p in points}
    assert len(labels(axes)) >= 2
    for label in labels(axes):
        box = label.get_window_extent()
        middle = ((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2)
        assert min(places, key=lambda text: math.dist(places[text], middle)) == label.get_text()


def test_a_network_that_judges_itself_is_dashed_and_marked():
    (own, other) = tradeoff_figure([make_panel("a", "vgg19"), make_panel("a", "other")]).axes
    assert sum(line.get_linestyle() == "--" for line in own.lines) == 1
    assert sum("†" in label.get_text() for label in labels(own)) >= 2
    assert not any(line.get_linestyle() == "--" for line in other.lines)
    assert not any("†" in label.get_text() for label in labels(other))


def test_a_network_has_the_colour_of_its_column_and_its_curves_have_shades_of_it():
    columns = [Column(name, "torch", "w") for name in ("resnet50", "vgg19", "efficientnet-lite0")]
    networks = [Network(f"vgg19 · torch · set {number}", "vgg19", "torch", "w", "vgg19") for number in (1, 5)]
    networks.append(Network("resnet50 · torch", "resnet50", "torch", "w", "resnet50"))
    points = (Point(1.0, 0.3, 0.5), Point(10.0, 0.6, 0.6))
    curves = tuple(Curve(network, False, points) for network in networks)
    (axes,) = tradeoff_figure([Panel("c", "s", "j", curves)], columns).axes
    drawn = [str(line.get_color()) for line in axes.lines if len(line.get_xdata()) == 2 and line.get_zorder() == 3]
    base = colours(columns)
    assert drawn[0] == base[columns[1]] and drawn[2] == base[columns[0]]
    assert drawn[1] == lighter(base[columns[1]], 0.35) not in (*base.values(), drawn[0])


def test_one_point_and_hostile_names_can_be_drawn():
    curve = Curve(Network("a $x^{ · torch", "a", "torch", "w"), False, (Point(1.0, 0.5, 0.0),))
    tradeoff_figure([Panel("$_{", "\n|", "j$", (curve,))]).draw_without_rendering()


def test_pictures_are_shown_at_a_few_levels_from_one_end_to_the_other():
    assert shown_levels([0.2, 0.5]) == [0.5, 0.2]
    assert shown_levels([n / 10 for n in range(1, 10)]) == [0.9, 0.7, 0.5, 0.3, 0.1]
    assert shown_levels([]) == []


def test_a_picture_stands_at_the_level_it_is_nearest_to_or_nowhere():
    points = [Point(ratio=ssim, ssim=ssim, distance=0.5) for ssim in (0.32, 0.71, 0.93)]
    at = [0.9, 0.7, 0.5, 0.3]
    assert [point and point.ssim for point in (nearest(points, level, at) for level in at)] == [0.93, 0.71, None, 0.32]
    assert nearest([], 0.5, at) is None


def test_a_run_without_pictures_has_no_figure_of_them(tmp_path):
    assert pictures_figure(RunFolder(tmp_path), [make_panel("a", "x")], 128) is None
