"""The referees' figure shows every judgement where it is, and who judged himself."""

from __future__ import annotations

import statistics

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import PathPatch
from PIL import Image

from nstbench.files import file_sha256
from nstbench.report import build_report
from nstbench.report.drawing import drawing
from nstbench.report.figure_files import save
from nstbench.report.figure_referees import Judged, judged, referees_figure
from nstbench.report.figures import sheets
from nstbench.report.grid import Column, make_grid
from nstbench.report.style import applied, colours
from nstbench.results import Judgements, MetricEntry, RefereeEntry, RunFolder, Score, append_score

from .conftest import make_record
from .test_figure_files import HOSTILE

METRICS = tuple(
    MetricEntry(name=name, kind="features", unit="ratio", direction="lower", meaning="m", source="s")
    for name in ("style_distance", "content_distance")
)
REFEREES = (RefereeEntry(label="vgg19", backbone="vgg19"), RefereeEntry(label="neutral", backbone="other"))
COLUMNS = [Column("vgg19", "torch", "w"), Column("resnet50", "tensorflow", "random:0")]


def rows(own=True, count=5):
    values = tuple(0.1 + 0.8 * index / count for index in range(count))
    return [Judged(COLUMNS[0], own, values, values[::-1]), Judged(COLUMNS[1], False, values[:3], values[:3])]


def dots(axes):
    """Return (colour, width, places) of every path of dots."""
    found = [patch for patch in axes.patches if isinstance(patch, PathPatch)]
    return [(to_hex(one.get_edgecolor()), one.get_linewidth(), one.get_path().vertices[::2]) for one in found]


@pytest.fixture
def records():
    cells = [("vgg19", 0), ("vgg19", 1), ("vgg19", 2), ("resnet50", 0)]
    return [make_record(label, "torch", 1, cell=f"{label}-{seed}", seed=seed) for label, seed in cells]


def scores(records, judge, values, sha256=lambda record: ""):
    return [
        Score(
            cell=record.cell,
            image_sha256=sha256(record),
            judge=judge,
            values={"style_distance": value, "content_distance": None if value is None else value / 2},
        )
        for record, value in zip(records, values, strict=True)
    ]


def test_every_judgement_of_a_network_is_taken(records):
    said = [*scores(records, "vgg19", (0.1, 0.3, 0.2, 0.8)), *scores(records, "neutral", (0.5, None, 0.3, 0.6))]
    grid = make_grid(records, Judgements(REFEREES, METRICS, {(one.cell, one.judge): one for one in said}))
    own, other = judged(grid, REFEREES[0])
    assert (own.column.label, own.self_refereed, own.style) == ("vgg19", True, (0.1, 0.3, 0.2))
    assert own.content == (0.05, 0.15, 0.1)
    assert (other.column.label, other.self_refereed, other.style) == ("resnet50", False, (0.8,))
    assert [one.style for one in judged(grid, REFEREES[1])] == [(0.5, 0.3), (0.6,)]
    assert not any(one.self_refereed for one in judged(grid, REFEREES[1]))
    assert judged(make_grid(records), REFEREES[0]) == []


def test_dots_and_medians_are_where_the_numbers_are():
    networks = rows()
    with applied():
        strip, against = referees_figure([("vgg19", networks)], COLUMNS).axes
    look = colours(COLUMNS)
    filled, inside, other = dots(strip)
    assert filled[0] == inside[0].replace("#ffffff", filled[0]) == look[COLUMNS[0]] and other[0] == look[COLUMNS[1]]
    assert inside[0] == "#ffffff" and inside[1] < filled[1] == other[1]  # its own judgements are rings
    np.testing.assert_allclose(filled[2][:, 0], networks[0].style)
    assert np.all(np.abs(filled[2][:, 1]) < 0.4) and np.all(np.abs(other[2][:, 1] - 1) < 0.4)
    bars = [line.get_xdata() for line in strip.lines if line.get_color() == "black"]
    assert [list(bar) for bar in bars] == [[statistics.median(row.style)] * 2 for row in networks]
    np.testing.assert_allclose(dots(against)[0][2], np.column_stack([networks[0].content, networks[0].style]))
    assert [label.get_text().count("†") for label in strip.get_yticklabels()] == [1, 0]
    assert "random:0 (untrained)" in strip.get_yticklabels()[1].get_text()


def test_values_far_apart_are_on_a_logarithmic_scale_and_none_is_lost():
    wide = Judged(COLUMNS[0], False, (1e-3, 0.5, 20.0), (0.0, 0.5, 1.0))
    with applied():
        strip, against = referees_figure([("j", [wide])], COLUMNS).axes
    assert strip.get_xscale() == "log" == against.get_yscale() and against.get_xscale() == "linear"
    assert strip.get_xlim()[0] < 1e-3 and strip.get_xlim()[1] > 20
    assert against.get_xlim()[0] <= 0 and against.get_xlim()[1] > 1


@pytest.mark.parametrize(("low", "shown"), [(0.2, True), (1e-3, False)])
def test_the_key_has_the_untouched_content_where_a_panel_has_it(low, shown):
    with applied():
        figure = referees_figure([("j", [Judged(COLUMNS[0], False, (low, 0.5), (low, 0.5))])], COLUMNS)
    stars = [line for line in figure.axes[1].get_lines() if line.get_marker() == "*"]
    keys = [text.get_text() for text in figure.legends[0].get_texts()]
    assert (len(stars) == 1, "untouched content" in keys) == (shown, shown)


@pytest.mark.parametrize("values", [(0.0,), (0.0, 0.0), (-0.1, 0.2), (1.0,), (1e-30, 1e30)])
def test_odd_values_can_be_drawn(tmp_path, values):
    with applied():
        save(
            referees_figure([("j", [Judged(COLUMNS[0], False, values, values)])], ()),
            tmp_path / "a.png",
            "",
            chart=True,
        )


def test_dots_show_in_the_picture(tmp_path):
    with applied():
        save(referees_figure([("neutral", rows(own=False, count=9))], COLUMNS), tmp_path / "a.png", "", chart=True)
    with Image.open(tmp_path / "a.png") as image:
        pixels = np.asarray(image).reshape(-1, 3)
    for colour in (colours(COLUMNS)[column] for column in COLUMNS):
        rgb = tuple(int(colour[place : place + 2], 16) for place in (1, 3, 5))
        assert np.sum(np.all(pixels == rgb, axis=1)) > 50


def test_a_thousand_pictures_are_a_small_svg_and_their_referees_have_sheets_of_their_own(tmp_path):
    records = [make_record("vgg19", "torch", 1, cell=str(number), seed=number) for number in range(1000)]
    said = [
        one for judge in ("vgg19", "neutral") for one in scores(records, judge, np.linspace(0.1, 0.9, 1000).tolist())
    ]
    grid = make_grid(records, Judgements(REFEREES, METRICS, {(one.cell, one.judge): one for one in said}))
    with drawing(sheets(RunFolder(tmp_path), grid), tmp_path) as finish:
        figures = finish()
    assert [each.path for each in figures] == ["figures/referees-1.png", "figures/referees-2.png"]
    assert all((tmp_path / each.path).with_suffix(".svg").stat().st_size < 150_000 for each in figures)


def test_hostile_names_and_one_network_can_be_drawn(tmp_path):
    row = Judged(Column(HOSTILE, "$_{", "file:|"), True, (0.5,), (0.5,))
    with applied():
        save(referees_figure([(HOSTILE, [row])], ()), tmp_path / "a.png", "", chart=True)
    assert "script" not in (tmp_path / "a.svg").read_text()


def test_it_stands_beside_the_referees_of_a_report(make_run, records):
    folder = make_run(records, referees=REFEREES, metrics=METRICS)
    said = scores(records, "vgg19", (0.1, 0.3, 0.2, 0.8), lambda record: file_sha256(folder.image(record.cell)))
    for one in said:
        append_score(folder, one)
    report = build_report(folder.path)
    (figure,) = (each for each in report.figures if each.kind == "referee")
    assert figure.path == "figures/referees.png" and "vgg19" in figure.caption and "neutral" not in figure.caption
    assert {path.suffix for path in folder.figures.glob("referees.*")} == {".png", ".pdf", ".svg", ".txt"}
    text = folder.report.read_text()
    assert (
        text.index("## Referees")
        < text.index("](figures/referees.png)")
        < text.index("**Pictures, colours and edges**")
    )
    assert text.count("figures/referees.png") == 1
    folder.scores.unlink()
    assert not any(each.kind == "referee" for each in build_report(folder.path).figures)
    assert not list(folder.figures.glob("referees*"))
