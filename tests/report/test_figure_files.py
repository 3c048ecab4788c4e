"""Figures as files: every format, the same bytes whatever the user's settings, and names that break nothing."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import matplotlib
import msgspec
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from nstbench.report import build_report
from nstbench.report.canvas import Canvas
from nstbench.report.figure_files import compact, save
from nstbench.report.style import NETWORKS, applied, colours, lighter

HOSTILE = "<script>alert(1)</script> --> $x^{ $ \\frac ]]> & \" 'é ☃ 😀 中文 שלום مرحبا \u202e end"


def chart(title: str = "a chart") -> Figure:
    figure = Figure(figsize=(4, 3), layout="constrained")
    axes = figure.add_subplot()
    axes.plot(range(500), np.sin(np.arange(500) / 9), label=title)
    axes.set_title(title, parse_math=False)
    axes.scatter([1, 2], [0.5, 0.25])
    return figure


def sheet(title: str = "a sheet", pictures: int = 1) -> Figure:
    canvas = Canvas(300 * pictures, 300)
    for number in range(pictures):
        grain = np.random.default_rng(number).integers(0, 256, (256, 256, 3), dtype=np.uint8)
        canvas.picture((300 * number, 0, 256, 256), grain)
    canvas.text(10, 270, title)
    return canvas.figure


def written(folder: Path, make, *args: object, chart: bool) -> dict[str, bytes]:
    with applied():
        save(make(*args), folder / "figure.png", "what it shows", chart=chart)
    return {path.suffix: path.read_bytes() for path in folder.iterdir()}


def test_every_figure_of_a_report_has_every_format(run):
    report = build_report(run.path)
    assert len(report.figures) == 3
    for figure in report.figures:
        files = {path.suffix: path for path in run.figures.glob(Path(figure.path).stem + ".*")}
        assert set(files) == {".png", ".pdf", ".txt"} | ({".svg"} if figure.kind == "loss" else set())
        assert files[".txt"].read_text() == f"{figure.caption}\n"
        assert all(path.stat().st_size < 1_500_000 for path in files.values())
        if figure.kind == "loss":
            assert files[".svg"].stat().st_size < 150_000


def test_fonts_of_a_pdf_are_embedded_as_truetype_and_it_has_no_date(tmp_path):
    pdf = written(tmp_path, chart, chart=True)[".pdf"]
    assert b"/FontFile2" in pdf and b"/Type3" not in pdf and b"/CIDFontType2" in pdf
    assert b"CreationDate" not in pdf and b"Producer" not in pdf


def test_an_svg_can_stand_in_a_page_as_it_is(tmp_path):
    svg = written(tmp_path, chart, chart=True)[".svg"].decode()
    assert svg.startswith("<svg ")
    for unwanted in ("<text", "<!--", "<?xml", "<!DOCTYPE", "<style", "<metadata", "<script"):
        assert unwanted not in svg
    places = [each for place in re.findall(r' d="([^"]*)"', svg) for each in re.findall(r"\.(\d+)", place)]
    assert places and max(map(len, places)) == 2
    root = ElementTree.fromstring(svg)
    known = {each.get("id") for each in root.iter()}
    linked = set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', svg))
    assert linked and all((one or other) in known for one, other in linked)


def test_dots_are_short_and_other_level_lines_stay():
    svg = '<svg><path d="M 1.201 2.5 \nL 1.2101 2.5 \nM 3 2.5 \nL 8 2.5 \nM 1 2.5 \nL 1 2.51 \n"/></svg>'
    assert 'd="M1.20 2.5h0M3 2.5L8 2.5M1 2.5L1 2.51"' in compact(svg)


def test_rounding_leaves_scales_and_hides_nothing():
    path, place = (
        '<path d="M 1.23456 2 \nL -0.98765 3.5 \nz\n"/>',
        'transform="translate(1.999 2) scale(0.0156 -0.0156)"',
    )
    svg = f'<svg a="1">\n {path}<g {place}/></svg>'
    short = compact(svg)
    assert 'd="M1.23 2L-0.98 3.5z"' in short and "translate(1.99 2) scale(0.0156 -0.0156)" in short


@pytest.mark.parametrize(("make", "is_chart"), [(chart, True), (sheet, False)])
def test_the_users_settings_neither_matter_nor_change(tmp_path, make, is_chart):
    with matplotlib.rc_context():
        first = written(tmp_path / "a", make, chart=is_chart)
        matplotlib.rcParams.update({"font.size": 30, "text.usetex": True, "savefig.bbox": "tight", "pdf.fonttype": 3})
        mine = dict(matplotlib.rcParams)
        second = written(tmp_path / "b", make, chart=is_chart)
        assert dict(matplotlib.rcParams) == mine
    assert first == second
    assert set(first) == {".png", ".pdf", ".txt"} | ({".svg"} if is_chart else set())


@pytest.mark.parametrize(("make", "is_chart"), [(chart, True), (sheet, False)])
def test_hostile_text_is_drawn_or_boxed_in_every_format(tmp_path, make, is_chart):
    files = written(tmp_path, make, HOSTILE, chart=is_chart)
    assert all(files.values())
    if is_chart:
        assert "script" not in files[".svg"].decode()
        ElementTree.fromstring(files[".svg"])


def test_a_sheet_of_many_pictures_stays_small_enough_to_mail(tmp_path):
    files = written(tmp_path, sheet, "many", 12, chart=False)
    assert len(files[".png"]) <= 1_400_000 and len(files[".pdf"]) <= 1_500_000


def test_a_picture_keeps_its_colours_and_stands_upright(tmp_path):
    picture = np.zeros((64, 128, 3), dtype=np.uint8)
    picture[:32] = (255, 0, 0)
    canvas = Canvas(200, 200)
    canvas.picture((20, 10, 128, 128), picture)
    with applied():
        save(canvas.figure, tmp_path / "figure.png", "", chart=False)
    with Image.open(tmp_path / "figure.png") as image:
        assert image.size == (200, 200) and image.mode == "RGB"
        # In the middle of its box, in its own proportions.
        assert image.getpixel((84, 60)) == (255, 0, 0) and image.getpixel((84, 90)) == (0, 0, 0)
        assert image.getpixel((84, 30)) == (255, 255, 255) == image.getpixel((84, 130))


def test_names_in_a_report_may_be_anything(make_run, records):
    record = msgspec.structs.replace(records[0], label=HOSTILE, layer_set=HOSTILE, content=HOSTILE, style="$_{|")
    folder = make_run([record])
    report = build_report(folder.path)
    assert [figure.kind for figure in report.figures] == ["triptych", "layers", "loss"]
    assert all((folder.path / figure.path).with_suffix(".pdf").stat().st_size for figure in report.figures)


def test_networks_have_a_colour_each():
    found = colours(["b", "a", "b", *range(20)])
    assert found["b"] == NETWORKS[0] and found["a"] == NETWORKS[1] and len(found) == 22
    assert len(set(NETWORKS)) == len(NETWORKS)
    assert lighter("#000000", 0.5) == "#808080" and lighter("#0072B2", 0.0) == "#0072b2"
