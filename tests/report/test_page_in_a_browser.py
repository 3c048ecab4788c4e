"""``report.html`` in a real browser: nothing is asked for, and what can be clicked does what it says."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from nstbench_html.page import page

from nstbench.report import build_report
from nstbench.testing.made_run import MIXED, NOTHING_OK, NOTHING_RUN, made_run

from .conftest import full_grid, write_run

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


class Reader:
    """A page that is open, with what it said and asked for."""

    def __init__(self, browser, path: Path, **settings) -> None:
        self.said: list[str] = []
        self.asked: list[str] = []
        context = browser.new_context(**({"viewport": {"width": 1280, "height": 900}} | settings))
        self.page = context.new_page()
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(path.as_uri())
        self.page.wait_for_load_state("load")

    @property
    def strange(self) -> list[str]:
        """What the page asked for beside itself and what it holds."""
        return [url for url in self.asked if not url.startswith("data:") and url != self.page.url.partition("#")[0]]

    def lost_pictures(self) -> int:
        return self.page.evaluate("[...document.images].filter((i) => i.getAttribute('src') && !i.naturalWidth).length")

    def width(self) -> int:
        return self.page.evaluate("document.documentElement.scrollWidth")


def written(folder) -> Path:
    path = folder.path / "report.html"
    path.write_text(page(build_report(folder.path))["report.html"], encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the page of a run of 20 cells."""
    return written(write_run(tmp_path_factory.mktemp("site") / "run", full_grid()))


@pytest.fixture
def reader(browser, site):
    opened = Reader(browser, site)
    yield opened
    opened.page.context.close()


def test_the_page_loads_and_asks_for_nothing(reader):
    assert (reader.said, reader.strange) == ([], [])
    assert reader.page.locator("img[data-result]").count() == 16
    assert reader.lost_pictures() == 0
    assert reader.page.locator("#curves").is_visible() and reader.page.locator("#compare").is_visible()


def test_tables_are_sorted_and_filtered(reader):
    table = reader.page.locator("#cells table.data")
    heads = table.locator("thead th").all_inner_texts()
    column = next(index for index, head in enumerate(heads) if head.startswith("total loss"))
    button = table.locator("thead th button").nth(column)
    cells = f"[...document.querySelectorAll('#cells tbody tr')].map((row) => row.cells[{column}].textContent.trim())"
    button.click()
    rising = reader.page.evaluate(cells)
    numbers = [float(text) for text in rising if text != "–"]
    assert len(numbers) == 16 and numbers == sorted(numbers) and set(rising[16:]) == {"–"}
    button.press("Enter")
    falling = reader.page.evaluate(cells)
    assert falling[:16] == sorted(rising[:16], key=float, reverse=True) and set(falling[16:]) == {"–"}
    reader.page.locator("#cells input[type=search]").fill("vgg19 torch")
    shown = table.locator("tbody tr:visible").all_inner_texts()
    assert len(shown) == 5 and all("vgg19" in text for text in shown)
    assert "5 of 20 rows" in reader.page.locator("#cells .tools").inner_text()


def test_tables_are_copied(browser, site):
    reader = Reader(browser, site, permissions=["clipboard-read", "clipboard-write"])
    reader.page.locator("#models button", has_text="Copy as markdown").click()
    reader.page.locator("#models [role=status]", has_text="copied").wait_for()
    copied = reader.page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("| backbone") and copied in (site.parent / "report.md").read_text()
    reader.page.context.close()


def test_two_pictures_are_compared(reader):
    page = reader.page
    names = page.locator("img[data-result]").evaluate_all("(all) => all.map((i) => i.dataset.name)")
    page.locator("figcaption button").nth(3).click()
    page.locator("figcaption button").nth(7).click()
    assert page.locator("#compare .names bdi").all_inner_texts() == [names[3], names[7]]
    marked = page.locator("img.compared").evaluate_all("(all) => all.map((i) => i.dataset.name)")
    assert sorted(marked) == sorted([names[3], names[7]])
    box = page.locator("#compare .stage").bounding_box()
    assert 0 <= box["y"] < page.viewport_size["height"]  # the second choice brings the comparison into view
    sources = page.locator("#compare .stage img").evaluate_all("(all) => all.map((i) => i.src)")
    assert sources[0] != sources[1] and all(source.startswith("data:") for source in sources)
    boundary = "getComputedStyle(document.querySelector('#compare .stage .b')).clipPath"
    before = page.evaluate(boundary)
    page.locator("#compare input[name=at]").focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    assert page.evaluate(boundary) != before == "inset(0px 0px 0px 50%)"
    page.locator("#compare input[value=difference]").check()
    assert page.evaluate("getComputedStyle(document.querySelector('#compare .stage .b')).mixBlendMode") == "difference"
    assert not page.locator("#compare input[name=at]").is_visible()
    page.locator("#compare input[name=whole]").check()
    page.evaluate("document.querySelector('#compare .stage .b').decode()")
    assert page.locator("#compare .stage .a").get_attribute("src").endswith("/image.png")
    assert reader.said == []


def test_side_by_side_each_picture_has_its_name_below(reader):
    page = reader.page
    page.locator("#compare input[value=beside]").check()
    pictures, names = (page.locator(f"#compare {what}") for what in (".stage img", ".names bdi"))
    for index in (0, 1):
        picture, name = pictures.nth(index).bounding_box(), names.nth(index).bounding_box()
        assert abs(picture["x"] - name["x"]) < 2


def test_the_only_picture_is_compared_with_its_content(browser, tmp_path):
    reader = Reader(browser, written(write_run(tmp_path / "run", full_grid()[:1])))
    names = reader.page.locator("#compare .names bdi").all_inner_texts()
    assert names[0] == "content: astronaut" and names[1].startswith("vgg19 · torch")
    reader.page.context.close()


def test_the_difference_of_a_picture_with_itself_is_black(reader):
    page = reader.page
    for select in page.locator("#compare select").all():
        select.select_option(index=3)
    page.locator("#compare input[value=difference]").check()
    assert darkest(page) == 0
    page.locator("#compare select").first.select_option(index=8)
    assert darkest(page) > 30


def darkest(page) -> int:
    """Return the brightest value of the stage, away from its edge."""
    import io

    import numpy as np
    from PIL import Image

    with Image.open(io.BytesIO(page.locator("#compare .stage").screenshot())) as shot:
        return int(np.asarray(shot.convert("RGB"))[4:-4, 4:-4].max())


def test_curves_are_read_and_toggled(reader):
    page = reader.page
    assert page.locator("#curves polyline").count() == 16
    page.locator("#curves .plot").hover(position={"x": 500, "y": 100})
    said = page.locator("#curves .readout").inner_text()
    assert "iteration" in said and "total loss" in said
    page.locator("#curves .plot").focus()
    page.keyboard.press("ArrowLeft")
    assert page.locator("#curves .readout").inner_text() != said
    page.locator("#curves .legend tr").first.locator("input").nth(1).uncheck()  # the first network
    shown = page.locator("#curves polyline").count()
    assert 0 < shown < 16
    page.locator("#curves .legend input").first.uncheck()  # all
    assert page.locator("#curves polyline").count() == 0
    page.locator("#curves .legend input").first.check()
    page.locator("#curves select").nth(1).select_option(label="style")
    assert page.locator("#curves polyline").count() == 16 and reader.said == []


@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_the_window(browser, site, width, scheme):
    reader = Reader(browser, site, viewport={"width": width, "height": 800}, color_scheme=scheme)
    assert reader.width() <= width
    ground, ink = reader.page.evaluate(
        "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
    )
    assert (max(map(int, ground[4:-1].split(", "))) < 80) == (scheme == "dark") and ground != ink
    reader.page.context.close()


def test_pictures_without_javascript(browser, site):
    reader = Reader(browser, site, java_script_enabled=False)
    assert reader.page.locator("img[data-result]:visible").count() == 16
    assert not reader.page.locator("#compare").is_visible()
    reader.page.context.close()


@pytest.mark.parametrize("fates", [MIXED, NOTHING_OK, NOTHING_RUN], ids=["mixed", "nothing-ok", "nothing-run"])
def test_hostile_names_and_failures(browser, tmp_path, fates):
    reader = Reader(browser, written(made_run(tmp_path / "run", fates)), viewport={"width": 400, "height": 800})
    assert (reader.said, reader.strange) == ([], [])
    assert reader.page.locator("bitten").count() == 0
    assert reader.lost_pictures() == 0 and reader.width() <= 400
    reader.page.context.close()
