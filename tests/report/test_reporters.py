"""What reporters are given, and that what they return is written whole and where it belongs."""

from __future__ import annotations

import pytest

from nstbench.report import build_report, write_report
from nstbench.report.reporters import ask_reporters, write_files

from .conftest import files, returning


def test_files_of_every_kind_are_written(report, announce):
    contents = {
        "gallery.html": "page: שלום\n",
        "gallery/one.bin": b"\x00\r\n",
        "gallery/deep/two.txt": lambda path: path.write_text("large"),
    }
    before = files(report)
    paths, problems = ask_reporters(report, announce(gallery=returning(contents)))
    assert paths == [report.folder.path / "gallery.html", report.folder.path / "gallery"]
    assert not problems
    assert files(report) == before | {
        "gallery.html": "page: שלום\n".encode(),
        "gallery/one.bin": b"\x00\r\n",
        "gallery/deep/two.txt": b"large",
    }


def test_a_reporter_is_given_the_run(report, announce):
    def gallery(run):
        shown = run.results["cell"].tolist()
        links = [run.link(run.folder.image(cell)) for cell in shown]
        about = [run.manifest.name, len(run.manifest.cells), *shown, links[0], *run.table1.columns[:3]]
        return {"gallery.html": " ".join(map(str, about))}

    write_files(announce(gallery=gallery).reporters["gallery"], report)
    cells = [record.cell for record in report.grid.records]
    expected = ["quickstart", "4", *cells, f"cells/{cells[0]}/image.png", "content", "style", "layer_set"]
    assert files(report)["gallery.html"].decode().split() == expected


def test_links_are_addresses(report):
    path = report.folder.cell("a") / "odd 'name' #1.png"
    assert report.link(path) is None
    path.parent.mkdir()
    path.touch()
    assert report.link(path) == "cells/a/odd%20%27name%27%20%231.png"


def test_what_is_not_made_any_more_goes(report, announce):
    info = announce(gallery=returning({"gallery.html": "1", "gallery/a/1.txt": "1", "gallery/2.txt": "2"})).reporters
    write_files(info["gallery"], report)
    before = files(report)
    info = announce(gallery=returning({"gallery/2.txt": "two"})).reporters
    assert write_files(info["gallery"], report) == [report.folder.path / "gallery"]
    gone = {"gallery.html", "gallery/a/1.txt"}
    assert files(report) == {name: text for name, text in before.items() if name not in gone} | {
        "gallery/2.txt": b"two"
    }
    assert not (report.folder.path / "gallery" / "a").exists()
    info = announce(gallery=returning({})).reporters
    assert write_files(info["gallery"], report) == []
    assert not (report.folder.path / "gallery").exists()


def test_reporters_cannot_change_what_others_see(report, announce):
    def first(run):
        run.results.loc[:, "total"] = 0.0
        del run.table1["content"]
        return {}

    def second(run):
        return {"second.html": f"{run.results['total'].sum()} {len(run.table1.columns)}"}

    assert ask_reporters(report, announce(first=first, second=second))[1] == []
    assert files(report)["second.html"].decode() == f"{report.results['total'].sum()} {len(report.table1.columns)}"


def test_the_report_comes_first_and_the_same_files_give_the_same_bytes(run, announce):
    def gallery(run):
        kinds = [figure.kind for figure in run.figures if (run.folder.path / figure.path).is_file()]
        text = f"{kinds} {run.folder.report.stat().st_size} {run.results['status'].tolist()}"
        return {"gallery.html": text, "gallery/again.html": text}

    catalogue = announce(gallery=gallery)
    written = write_report(run.path, catalogue)
    assert written.paths == (run.report, run.path / "gallery.html", run.path / "gallery")
    assert not written.problems
    text = (run.path / "gallery.html").read_text()
    assert text.startswith("['triptych', 'layers', 'loss']") and "'oom'" in text
    before = {path: path.read_bytes() for path in run.path.rglob("*") if path.is_file()}
    write_report(run.path, catalogue)
    assert {path: path.read_bytes() for path in run.path.rglob("*") if path.is_file()} == before


@pytest.mark.usefixtures("without_figures")
def test_a_report_without_its_reporters_leaves_what_they_made(run, announce):
    write_report(run.path, announce(gallery=lambda run: {"gallery.html": run.folder.report.read_text()[:9]}))
    build_report(run.path)
    assert (run.path / "gallery.html").read_text() == run.report.read_text()[:9]
