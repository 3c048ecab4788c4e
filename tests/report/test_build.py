from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
import sys
import tempfile

import msgspec
import pandas as pd
import pytest
from PIL import Image

from nstbench.errors import RunError
from nstbench.report import build_report
from nstbench.results import Status, append, read_results, result_columns
from nstbench.results.folder import own_names


def snapshot(folder):
    return {path.relative_to(folder.path): path.read_bytes() for path in folder.path.rglob("*") if path.is_file()}


def tables_are_whole(text):
    """Every row of a table has as many cells as its head."""
    tables = re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE)
    counts = [{len(re.findall(r"(?<!\\)\|", line)) for line in each.splitlines()} for each in tables]
    return tables and all(len(count) == 1 for count in counts)


def test_everything_is_written(run, records):
    report = build_report(run.path)
    assert report.folder.report == run.report
    text = run.report.read_text()
    assert tables_are_whole(text)
    assert "16 of 20 cells ok, 1 oom, 1 crashed, 1 unavailable, 1 skipped" in text
    assert "resnet50 · torch · random:0 (untrained)" in text
    for linked in re.findall(r"!\[.*\]\((.*)\)", text):
        with Image.open(run.path / linked) as image:
            image.load()
        assert (run.path / linked).stat().st_size < 1_500_000
    assert len(list(run.figures.glob("*.png"))) == 3
    frame = pd.read_csv(run.results_csv)
    assert tuple(frame.columns) == result_columns()
    assert list(frame["total"].dropna()) == [each.total for each in records if each.total is not None]
    assert len(pd.read_csv(run.table1_csv)) == 5
    pd.testing.assert_frame_equal(pd.read_parquet(run.results_parquet), read_results(run.path))
    assert not list(run.path.rglob(".new-*"))
    assert {path.name for path in run.path.iterdir()} <= own_names()


def test_the_same_records_give_the_same_bytes(run):
    build_report(run.path)
    first = snapshot(run)
    build_report(run.path)
    assert snapshot(run) == first
    for path in (run.report, run.results_csv, run.results_parquet, run.table1_csv):
        path.unlink()
    shutil.rmtree(run.figures)
    build_report(str(run.path))
    assert snapshot(run) == first


def test_figures_of_an_earlier_report_go_and_others_stay(run):
    run.figures.mkdir()
    gone = [run.figures / f"layers-7-gone-gone{suffix}" for suffix in (".png", ".pdf", ".txt")]
    gone += [run.figures / "tradeoff-2.svg", run.figures / "triptych-1-1-a-b.pdf", run.figures / "loss-9-x-y.svg"]
    mine = [run.figures / name for name in ("mine.png", "mine.pdf", "loss.txt", "layers-of-mine.svg")]
    for path in (*gone, *mine):
        path.write_bytes(b"something")
    build_report(run.path)
    assert not any(path.exists() for path in gone)
    assert all(path.read_bytes() == b"something" for path in mine)


def test_the_first_image_pairs_are_drawn_and_all_where_asked(make_run, records):
    changed = [{"cell": f"cell-{number}", "content": f"photo-{number}"} for number in range(6)]
    folder = make_run([msgspec.structs.replace(records[0], **changes) for changes in changed])
    text = build_report(folder.path).folder.report.read_text()
    assert "Only the first 3 of 6 image pairs are drawn; `nstbench report RUN --pairs 6` draws all." in text
    assert {path.name.split("-")[1] for path in folder.figures.glob("triptych-*.pdf")} == set("123")
    assert "Only the first" not in build_report(folder.path, pairs=6).folder.report.read_text()
    assert {path.name.split("-")[1] for path in folder.figures.glob("triptych-*.pdf")} == set("123456")


def test_no_records(make_run, records):
    folder = make_run([])
    assert "No cell has run yet" in build_report(folder.path).folder.report.read_text()
    assert folder.results_csv.read_text().startswith("cell,content,style,")
    # Parquet keeps the values of a category with its rows: of no rows, none.
    kept, expected = pd.read_parquet(folder.results_parquet), read_results(folder.path)
    pd.testing.assert_frame_equal(kept, expected, check_categorical=False, check_dtype=False)
    assert dict(kept.dtypes.drop("status")) == dict(expected.dtypes.drop("status"))
    waiting = make_run([], "waiting", cells=())
    assert "0 of 0 cells ok" in build_report(waiting.path).folder.report.read_text()


def test_only_failures(make_run, records):
    folder = make_run([each for each in records if each.status is not Status.OK])
    text = build_report(folder.path).folder.report.read_text()
    assert tables_are_whole(text)
    assert "0 of 4 cells ok" in text
    assert "No cell left a picture or a trace" in text
    assert len(read_results(folder.path)) == 4
    pd.testing.assert_frame_equal(pd.read_parquet(folder.results_parquet), read_results(folder.path))


def test_one_cell(make_run, records):
    folder = make_run(records[:1])
    assert tables_are_whole(build_report(folder.path).folder.report.read_text())
    assert len(list(folder.figures.glob("*.png"))) == 3


@pytest.mark.usefixtures("without_figures")
def test_an_interrupted_run_says_what_has_not_run(make_run, records):
    folder = make_run(records)
    lines = folder.records.read_bytes().splitlines(keepends=True)
    folder.records.write_bytes(b"".join(lines[:7]) + lines[7][:50])
    text = build_report(folder.path).folder.report.read_text()
    assert "13 not run yet" in text
    assert len(read_results(folder.path)) == 7


def test_missing_and_damaged_files_become_grey_tiles(run, records):
    ok = [each for each in records if each.status is Status.OK]
    run.image(ok[0].cell).write_bytes(b"\x89PNG\r\n\x1a\n damaged")
    run.image(ok[1].cell).unlink()
    run.trace(ok[2].cell).write_text("iteration,total\n0,nan\n1,x\n2\n3,-1\n,,\n\x00")
    shutil.rmtree(run.inputs)
    build_report(run.path)
    assert len(list(run.figures.glob("*.png"))) == 3


def test_a_trace_of_one_row(make_run, records):
    record = msgspec.structs.replace(records[0], iterations=0)
    assert build_report(make_run([record]).path).folder.report.exists()


def test_hostile_text_breaks_nothing(make_run, records):
    evil = "a|b $x^{$ \\ `c` <script>\r\n\u2028 \u4e2d\u6587 ☃ " * 50
    record = msgspec.structs.replace(
        records[0], label="x|$y", style="a\n|b", reason=evil, status=Status.ERROR, weights="file:/tmp/a|b $.h5"
    )
    good = msgspec.structs.replace(record, cell="good", layer_set="$_{|", status=Status.OK, reason="")
    folder = make_run([record, good], suite_text="```\n````\n", environment={"a|b": evil}, overrides=(evil,))
    text = build_report(folder.path).folder.report.read_text()
    assert tables_are_whole(text)
    assert "<script>" not in text
    assert "\n`````yaml\n" in text
    assert list(pd.read_csv(folder.results_csv)["status"]) == ["error", "ok"]


def test_many_columns_and_rows_are_cut_into_parts(make_run, records):
    many = [
        msgspec.structs.replace(records[0], cell=f"{w}-{n}", weights=f"random:{w}", layer_set=f"set-{n}", iterations=1)
        for w in range(7)
        for n in range(9)
    ]
    folder = make_run(many)
    assert tables_are_whole(build_report(folder.path).folder.report.read_text())
    names = sorted(path.name for path in folder.figures.glob("*.png"))
    assert [name for name in names if name.startswith("layers")] == [
        f"layers-1-{row}-{side}-astronaut-ihc.png" for row in (1, 2) for side in (1, 2)
    ]
    assert all(path.stat().st_size < 1_500_000 for path in folder.figures.iterdir())


@pytest.mark.usefixtures("without_figures")
def test_the_last_attempt_counts(run, records):
    again = msgspec.structs.replace(records[3], status=Status.OK, attempt=2, total=7.0)
    append(run, again)
    build_report(run.path)
    frame = read_results(run.path).set_index("cell")
    assert frame.loc[again.cell, "total"] == 7.0
    assert frame.loc[again.cell, "attempt"] == 2


def test_a_frozen_run_is_left_alone(make_run, records):
    folder = make_run(records[:1], frozen=True)
    before = snapshot(folder)
    with pytest.raises(RunError, match="exported copy"):
        build_report(folder.path)
    assert snapshot(folder) == before


def test_no_run_folder(tmp_path):
    with pytest.raises(RunError, match="not a run folder"):
        build_report(tmp_path)


def test_importing_the_door_is_light():
    code = "import sys, nstbench.report; print([m for m in ('pandas', 'matplotlib', 'PIL') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_full_disk_is_one_sentence(run, monkeypatch):
    def fail(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(RunError, match="No space left"):
        build_report(run.path)
    assert not list(run.path.rglob(".new-*"))
    assert not run.report.exists()


def test_a_read_only_folder_is_one_sentence(run, monkeypatch):
    def fail(*_, **__):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(tempfile, "mkstemp", fail)
    with pytest.raises(RunError, match="Read-only"):
        build_report(run.path)
