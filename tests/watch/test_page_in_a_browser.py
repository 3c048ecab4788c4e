"""The page in a real browser: it renews itself, keeps what its reader was at, and has nothing to complain of."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from nstbench.live import LiveRun, Stage
from nstbench.results import RunFolder, append, read_records

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")

GoOn = Callable[..., LiveRun]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


class Reader:
    """The page, open, with what it complained of and asked for."""

    def __init__(self, browser: Any, address: str, **settings: Any) -> None:
        self.said: list[str] = []
        self.asked: list[str] = []
        context = browser.new_context(**({"viewport": {"width": 1280, "height": 900}} | settings))
        self.page = context.new_page()
        self.page.set_default_timeout(15_000)
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(address)

    def waits_for(self, condition: str, seconds: float = 20) -> None:
        end = time.monotonic() + seconds
        while not self.page.evaluate(condition):  # a page's policy forbids Playwright's own way of waiting
            assert time.monotonic() < end, (condition, self.said)
            self.page.wait_for_timeout(100)

    def shows(self, text: str) -> None:
        self.waits_for(f"document.body.innerText.includes({text!r})")

    @property
    def lost_pictures(self) -> int:
        return self.page.evaluate("[...document.images].filter((i) => i.complete && !i.naturalWidth).length")


@pytest.fixture
def reader(browser: Any, server: Any, go_on: GoOn) -> Iterator[Reader]:
    go_on(3)
    opened = Reader(browser, server.address)
    yield opened
    opened.page.context.close()


def test_it_renews_itself_without_a_complaint(reader: Reader, server: Any, run: RunFolder, go_on: GoOn) -> None:
    reader.shows("3 of 9")
    reader.waits_for("document.querySelectorAll('#curves polyline').length == 1")
    before = reader.page.locator("#curves polyline").get_attribute("points")
    reader.page.evaluate("document.title += ' (same page)'")

    go_on(5)
    reader.shows("5 of 9")
    reader.waits_for("document.querySelector('.running img').src.includes('000005.png')")
    reader.waits_for(f"document.querySelector('#curves polyline').getAttribute('points') !== {before!r}")

    record = read_records(run)[0]
    append(run, msgspec.structs.replace(record, status="oom", reason="out of memory <b>here</b>"))
    reader.shows("out of memory <b>here</b>")
    reader.waits_for("document.querySelectorAll('#pictures img[data-result]').length == 1")

    go_on(stage=Stage.FINISHED, done=4, seconds_left=None)
    reader.shows("finished")
    reader.waits_for("document.querySelectorAll('.running').length == 0")
    assert "(same page)" in reader.page.title()
    assert (reader.said, reader.lost_pictures) == ([], 0)
    assert [url for url in reader.asked if not url.startswith((server.address, "data:"))] == []


def test_what_the_reader_was_at_stays(reader: Reader, go_on: GoOn) -> None:
    reader.page.locator("#pictures a").first.focus()
    picture = reader.page.locator("#pictures img").first.element_handle()
    box = reader.page.locator("#curves input[type=checkbox]").nth(1)
    for iteration in (4, 5):
        go_on(iteration)
        reader.shows(f"{iteration} of 9")
    assert reader.page.evaluate("document.activeElement.closest('#pictures') !== null")
    assert picture.evaluate("(image) => image.isConnected"), "the same element: nothing flickers"
    box.uncheck()
    go_on(6)
    reader.shows("6 of 9")
    assert not box.is_checked()
    assert reader.said == []


def test_a_picture_that_is_there_twice_stays_twice(reader: Reader, run: RunFolder) -> None:
    """The style picture of a second image pair is the first's: on a renewal neither may take the other's."""
    content = "img[alt^='content picture']"
    assert reader.page.locator(content).count() == 1
    record = read_records(run)[0]
    append(run, msgspec.structs.replace(record, style="astronaut"))
    reader.waits_for(f'document.querySelectorAll("{content}").length == 2')
    for _ in range(2):
        append(run, record := msgspec.structs.replace(record, style="astronaut", seed=record.seed + 1))
        reader.page.wait_for_timeout(2500)
    assert reader.page.locator(content).count() == 2
    assert (reader.said, reader.lost_pictures) == ([], 0)


def test_what_runs_is_drawn_until_the_reader_asks_for_another(reader: Reader, go_on: GoOn) -> None:
    pairs = reader.page.locator("#curves select").first
    shown = "document.querySelector('#curves select').selectedOptions[0].text"
    reader.waits_for(f"{shown} === 'running now'")
    pairs.select_option(index=1)
    asked = reader.page.evaluate(shown)
    assert asked != "running now"
    go_on(4)
    reader.shows("4 of 9")
    assert reader.page.evaluate(shown) == asked


def test_an_end_of_the_server_is_said(reader: Reader, server: Any, go_on: GoOn) -> None:
    reader.shows("3 of 9")
    assert not reader.page.locator("#lost").is_visible()
    server.shutdown()
    server.socket.close()
    reader.waits_for("!document.getElementById('lost').hidden")
    reader.shows("3 of 9")


@pytest.mark.parametrize("width", [1280, 400])
def test_nothing_is_wider_than_the_screen(browser: Any, server: Any, go_on: GoOn, width: int) -> None:
    go_on(5)
    reader = Reader(browser, server.address, viewport={"width": width, "height": 800})
    reader.waits_for("document.querySelectorAll('#curves polyline').length == 1")
    assert reader.page.evaluate("document.documentElement.scrollWidth") <= width
    reader.page.context.close()


def test_without_scripts_it_is_all_there(browser: Any, server: Any, go_on: GoOn) -> None:
    go_on(5)
    reader = Reader(browser, server.address, java_script_enabled=False)
    text = reader.page.locator("body").inner_text()
    assert "5 of 9" in text and "segmentation fault" in text
    assert reader.page.locator("#pictures img[data-result]").count() == 2
    reader.page.context.close()
