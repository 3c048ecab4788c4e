"""What the page says of a run, of one that goes on and of one in any other state."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from nstbench.live import LiveRun, Stage
from nstbench.results import RunFolder, append, read_manifest, read_records
from nstbench.testing.made_run import NOTHING_RUN, TAG, made_run
from nstbench.watch.serving import RunSite

GoOn = Callable[..., LiveRun]


def test_a_run_that_goes_on(client: Any, go_on: GoOn) -> None:
    go_on(3)
    page = client.get().text
    assert "<b>running</b>" in page and "2 of 4 cells done" in page and "1 failed" in page and "about 1:15 left" in page
    assert "3 of 9" in page and "loss 0.04167" in page and "2 it/s" in page and "0:03 left" in page
    assert re.search(r'<img src="small/cells/[\w.-]+/snapshots/000003\.png\?\d+" width="32" height="24"', page)
    assert '<noscript><meta http-equiv="refresh"' in page
    (running,) = client.state()["running"]
    assert running["name"] == "running now"
    assert running["cells"] == [{"row": 0, "column": 0, "x": [0, 1, 2], "y": {"total": [1, 0.5, 1 / 3]}}]


def test_pictures_curves_and_failures_are_those_of_the_records(client: Any, run: RunFolder) -> None:
    pictures, failures = client.get("pictures.html").text, client.get("failures.html").text
    assert pictures.count("data-result") == 2 and "image.png is missing or damaged" in pictures
    assert "signal 11 (segmentation fault)" in failures and failures.count("<tr>") == 2
    for address in re.findall(r'(?:src|href)="([^"]+)"', pictures):
        assert client.get(address).status == 200, address
    curves = msgspec.json.decode(client.get("curves.json").body)
    assert len(curves[0]["cells"]) == 3


@pytest.mark.parametrize("path", ["", "progress.html", "pictures.html", "failures.html"])
def test_hostile_texts_are_texts(client: Any, go_on: GoOn, path: str) -> None:
    go_on()
    text = client.get(path).text
    assert TAG in text and f"<{TAG}" not in text


def test_only_what_has_changed_has_another_version(client: Any, go_on: GoOn, run: RunFolder) -> None:
    go_on(3)
    first = client.state()
    assert client.state() == first
    go_on(4)
    second = client.state()
    assert {part for part in first["parts"] if first["parts"][part] != second["parts"][part]} == {"progress"}
    record = read_records(run)[0]
    append(run, msgspec.structs.replace(record, status="oom", reason="out of memory"))
    third = client.state()["parts"]
    assert {part for part in third if third[part] != second["parts"][part]} >= {"pictures", "failures"}
    assert "out of memory" in client.get("failures.html").text


def test_a_run_that_is_over(client: Any, go_on: GoOn) -> None:
    go_on(stage=Stage.FINISHED, done=4, seconds_left=None)
    page, state = client.get().text, client.state()
    assert "<b>finished</b>" in page and "4 of 4 cells done" in page and "refresh" not in page
    assert (state["over"], state["running"]) == (True, [])


def test_it_names_the_report_of_a_run_that_is_over(client: Any, go_on: GoOn, run: RunFolder) -> None:
    go_on(stage=Stage.FINISHED, seconds_left=None)
    assert "The report" not in client.get().text
    (run.path / "report.html").write_text("a report")
    assert str(run.path.resolve() / "report.html") in client.get().text
    go_on()
    assert "The report" not in client.get().text  # an earlier one


def test_a_run_whose_process_is_gone(client: Any, go_on: GoOn, run: RunFolder) -> None:
    live = go_on()
    dead = msgspec.structs.replace(live.process, began=live.process.began - 3600)
    run.live.write_bytes(msgspec.json.encode(msgspec.structs.replace(live, process=dead)))
    assert "<b>interrupted</b>" in client.get().text and client.state()["over"]


def test_a_run_of_which_nothing_is_said(client: Any) -> None:
    assert "no run goes on here" in client.get().text and "4 of 4 cells have a record" in client.get().text
    assert client.state()["over"]


def test_a_run_that_has_just_begun(serving: Any, client_of: Any, tmp_path: Path) -> None:
    folder = made_run(tmp_path / "new", NOTHING_RUN)
    with serving(RunSite(folder.path).find) as server:
        client = client_of(server)
        assert "No cell is done yet" in client.get().text
        assert client.get("failures.html").text.strip() == ""
        assert [pair["cells"] for pair in msgspec.json.decode(client.get("curves.json").body)] == []


def test_lines_and_files_that_are_torn_at_the_moment(client: Any, go_on: GoOn, run: RunFolder) -> None:
    go_on()
    data = run.records.read_bytes()
    whole = client.get("pictures.html").text
    run.records.write_bytes(data + b'{"cell": "half')
    assert client.get("pictures.html").text == whole
    run.records.write_bytes(b"rubbish\n" + data[: len(data) // 2])
    assert client.get().status == 200
    run.records.unlink()
    assert "No cell is done yet" in client.get("pictures.html").text
    run.live.write_text('{"schema": 1, ')
    assert "no run goes on here" in client.get().text
    run.records.write_bytes(data)
    for path in (*run.inputs.iterdir(), *run.cells.rglob("*.*")):
        if path.is_file():
            path.unlink()
    assert client.get().status == 200 and client.state()["over"]


def test_a_folder_that_is_gone_is_said_and_one_that_comes_back_is_shown(client: Any, run: RunFolder) -> None:
    before = client.get().text
    away = run.path.rename(run.path.parent / "away")
    assert client.get().status == 500 and "not a run folder" in client.get("state.json").text
    away.rename(run.path)
    assert client.get().text == before


def test_it_says_when_somebody_looks(run: RunFolder, go_on: GoOn) -> None:
    site = RunSite(run.path)
    assert not site.attentive(60) and not site.told
    go_on()
    site.find("state.json")
    assert site.attentive(60) and not site.attentive(0) and not site.told
    go_on(stage=Stage.FINISHED)
    site.find("state.json")
    assert site.told


def test_the_manifests_of_what_is_shown(client: Any, run: RunFolder) -> None:
    assert f"<title>{read_manifest(run).name} · nstbench</title>" in client.get().text
