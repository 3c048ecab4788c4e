"""``report.html`` as text: what is in it, how large it is, and that no text of a run becomes markup."""

from __future__ import annotations

import base64
import io
import json
import re
from html.parser import HTMLParser

import msgspec
import numpy as np
import pytest
from nstbench_html.page import page
from PIL import Image

from nstbench.pages import Prose, Thumbnails, curves, made_ahead
from nstbench.pages.traces import thinned
from nstbench.report import build_report
from nstbench.report.grid import make_grid
from nstbench.report.markdown import inline
from nstbench.results import CellEntry, Status

from .conftest import failed, make_record, picture, write_cell

pytestmark = pytest.mark.usefixtures("without_figures")

HOSTILE = '<script>alert(1)</script> "quotes\'" 🎨 שלום ' + "long" * 60


class Elements(HTMLParser):
    """Every element of a page with its attributes, and the text of scripts by their ``id``."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def written(folder) -> str:
    return page(build_report(folder.path))["report.html"]


def test_the_matrix_is_there_without_javascript(run):
    text = written(run)
    results = [image for image in Elements(text).all("img") if "data-result" in image]
    assert len(results) == 16  # the cells that are ok
    for image in results:
        kind, _, encoded = str(image["src"]).partition(",")
        assert kind == "data:image/webp;base64"
        with Image.open(io.BytesIO(base64.b64decode(encoded))) as shown:
            assert shown.size == (int(str(image["width"])), int(str(image["height"]))) == (128, 96)
    links = [str(link["href"]) for link in Elements(text).all("a")]
    whole = [link for link in links if link.startswith("cells/")]
    assert len(whole) == 16 and all((run.path / link).is_file() for link in whole)
    assert "content: " in text and "inputs/ihc-128.png" in links
    for status in ("oom", "crashed", "skipped", "unavailable"):
        assert f"<b>{status}</b>" in text
    assert "put the file into --weights-dir" in text


def test_nothing_but_the_page_is_asked_for(run):
    elements = Elements(written(run))
    for tag, attributes in elements.found:
        source = attributes.get("src")
        assert source is None or source.startswith("data:"), tag
        assert tag not in ("link", "iframe", "object", "base")
        href = str(attributes.get("href") or "")
        assert not re.match(r"\w+:", href), href
    policy = next(meta for meta in elements.all("meta") if meta.get("http-equiv") == "Content-Security-Policy")
    assert str(policy["content"]).startswith("default-src 'none'")
    assert "unsafe-inline" not in str(policy["content"]).partition("script-src")[2].partition(";")[0]


def test_forty_cells_stay_below_five_megabytes(make_run):
    """Pictures of noise, which no format compresses, at 256 px."""
    records = [
        make_record(label, backend, 1 + number % 5, cell=f"{label}{backend}{number}", learning_rate=float(number // 5))
        for label in ("vgg19", "resnet50")
        for backend in ("torch", "tensorflow")
        for number in range(10)
    ]
    folder = make_run(records)
    random = np.random.default_rng(0)
    for record in records:
        noise = random.integers(0, 256, (256, 256, 3), dtype=np.uint8)
        Image.fromarray(noise).save(folder.image(record.cell))
    text = written(folder)
    assert len([image for image in Elements(text).all("img") if "data-result" in image]) == 40
    assert len(text.encode()) < 5_000_000


def test_many_pictures_are_smaller(tmp_path):
    paths = []
    for number in range(8):
        paths.append(tmp_path / f"{number}.png")
        picture(number, (256, 256)).save(paths[-1])
    assert Thumbnails.fitting(tmp_path, paths).side == 256
    many = Thumbnails.fitting(tmp_path, paths * 200)
    assert many.side < 128
    assert sum(len(many(path).source) for path in paths) * 200 < 4_000_000
    assert Thumbnails.fitting(tmp_path, []).side == 256
    assert many(tmp_path / "none.png") is None
    (tmp_path / "damaged.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    assert many(tmp_path / "damaged.png") is None


def test_hostile_names_stay_text(make_run):
    plain = make_record("vgg19", "torch", 1)
    record = msgspec.structs.replace(plain, label=HOSTILE, weights=f"file:{HOSTILE}", machine=HOSTILE)
    other = failed(make_record("vgg19", "torch", 2), Status.CRASHED, HOSTILE)
    text = written(make_run([record, other], name="hostile", suite_text=HOSTILE, command=HOSTILE))
    elements = Elements(text)
    assert len(elements.all("script")) == 3  # the curves' and the tables' data, and the page's own
    assert "alert(1)</script>" not in text and "🎨" in text and "שלום" in text
    assert not [name for _, attributes in elements.found for name in attributes if name.startswith(("on", "alert"))]


def test_the_page_says_where_nothing_ran(make_run, records):
    empty = written(make_run([], "empty", cells=()))
    assert "No cell has run yet" in empty
    lost = [failed(record, Status.KILLED, "the process was ended") for record in records[:3]]
    text = written(make_run(lost, "lost"))
    assert text.count("<b>killed</b>") == 3 and "No cell has a time or a peak of memory" in text
    [record] = records[:1]
    alone = written(make_run([record], "alone"))
    assert len([image for image in Elements(alone).all("img") if "data-result" in image]) == 1


def test_a_place_that_the_suite_has_not_is_not_waited_for(make_run, records):
    few = [record for record in records if (record.label, record.layer_set) != ("resnet50", "5")]
    cells = tuple(CellEntry(id=record.cell, title=record.cell) for record in records)
    assert "not run yet" not in written(make_run(few, "done"))
    assert written(make_run(few, "waiting", cells=cells)).count('<p class="missing waiting">not run yet') == 2


def test_what_the_run_says_comes_after_the_first_pictures(make_run, records):
    second = [msgspec.structs.replace(record, cell=f"second-{record.cell}", style="hubble") for record in records[:2]]
    text = written(make_run([*records, *second], "two"))
    places = [text.index(f'<section id="{name}"') for name in ("pictures", "overview", "more-pictures", "compare")]
    assert places == sorted(places)
    assert text.count('href="#overview"') == text.count('href="#more-pictures"') == 1


def test_every_table_carries_its_source(run):
    text = written(run)
    sources = json.loads(re.findall(r'<script type="application/json" id="tables">(.*?)</script>', text, re.DOTALL)[0])
    tables = {str(table["id"]) for table in Elements(text).all("table") if table.get("class") == "data"}
    assert tables == set(sources) and len(tables) > 8
    document = run.report.read_text()
    own = [source["markdown"] for source in sources.values()]
    assert sum(source in document for source in own) == len(own) - 1  # all but the table of all cells
    cells = next(source for source in own if source not in document)
    assert len(cells.splitlines()) == 2 + 20
    files = {path.read_text().partition("\n")[2] for path in run.tables.iterdir()}
    assert len(files & {source["LaTeX"] for source in sources.values()}) == len(files) >= 6
    for source in sources.values():
        assert source["LaTeX"].count(r"\toprule") == 1 and source["LaTeX"].rstrip().endswith(r"\end{table}")
        assert source["LaTeX"].count(r" \\") >= len(source["markdown"].splitlines()) - 1


def test_markdown_cannot_bring_markup():
    prose = Prose(lambda link: None)
    text = prose(
        f"**a** <b>{inline('<sup>x</sup>')} <sup>a, b</sup>\n\n<img src=x onerror=alert(1)>\n\n[l](javascript:x)"
    )
    assert {tag for tag, _ in Elements(text).found} <= {"p", "strong", "sup"}
    assert "<sup>a, b</sup>" in text and "&lt;img src=x" in text


def test_curves_are_thinned_with_both_ends():
    trace = {"iteration": [float(i) for i in range(1001)], "total": [1e6 / (i + 1) for i in range(1001)]}
    trace["style:block1_conv1"] = [float("nan")] * 1001
    found = thinned(trace, 50)
    assert len(found["x"]) <= 52 and (found["x"][0], found["x"][-1]) == (0, 1000)
    assert found["y"]["total"][0] == 1e6 and found["y"]["total"][-1] == pytest.approx(1e6 / 1001, rel=1e-3)
    assert set(found["y"]["style:block1_conv1"]) == {None}
    assert thinned({"iteration": [0.0], "total": [1.0]}, 50)["x"] == [0]


def test_curves_of_a_thousand_cells_leave_the_layers_out(make_run, records):
    few, one = records[:2], records[0]
    many = [msgspec.structs.replace(one, cell=f"cell-{n}", content=f"photo-{n}") for n in range(800)]
    names = []
    for name, own in (("few", few), ("many", many)):
        folder = make_run(own, name)
        folder.trace(own[0].cell).write_text("iteration,total,style:block1_conv1,content,style\n0,4,1,2,3\n1,3,1,1,1\n")
        shown = curves(make_grid(own), folder)
        [cell] = [cell for pair in shown for cell in pair["cells"] if cell["y"]["total"] == [4.0, 3.0]]
        names.append(set(cell["y"]))
    assert names == [{"total", "style:block1_conv1", "content", "style"}, {"total", "content", "style"}]


def test_pictures_made_ahead_are_those_asked_for(tmp_path):
    paths = [tmp_path / f"{number}.png" for number in range(6)]
    for number, path in enumerate(paths[:5]):
        picture(number, (32, 24)).save(path)
    shown = Thumbnails.fitting(tmp_path, paths)
    with made_ahead(shown, [*paths[:3], paths[5]]) as show:
        assert [show(path) for path in paths] == [shown(path) for path in paths]
        assert show(paths[5]) is None and show(paths[1]).link == "1.png"


def test_pictures_that_were_lost_have_a_place(run, records):
    ok = next(record for record in records if record.status is Status.OK)
    run.image(ok.cell).unlink()
    text = written(run)
    assert "image.png is missing or damaged" in text
    write_cell(run, ok, 0)
    moved = msgspec.structs.replace(ok, marks="")
    assert moved.cell in written(run)
