"""What reporters return is written whole and where it belongs; what they do wrong is one line, and harms nothing."""

from __future__ import annotations

import sys
import types

import pytest

from nstbench.errors import PluginError
from nstbench.plugin import Catalogue
from nstbench.plugin.descriptors import ReporterInfo
from nstbench.plugin.discovery import Discovery
from nstbench.report import build_report, write_report
from nstbench.report.contents import Report
from nstbench.report.grid import make_grid
from nstbench.report.reporters import ask_reporters, write_files
from nstbench.report.table1_frame import table1_frame
from nstbench.results import in_grid_order, read_manifest, read_records, to_frame

OWN = ("gallery.html", "gallery")


@pytest.fixture
def report(make_run, records):
    folder = make_run(records[:4])
    manifest = read_manifest(folder)
    stored = in_grid_order(manifest, read_records(folder))
    grid = make_grid(stored)
    return Report(folder, manifest, grid, to_frame(stored), table1_frame(grid), [], [])


@pytest.fixture
def announce(monkeypatch):
    """Return what makes a catalogue of reporters, each of a plugin of its own, from functions by name."""

    def make(*, requires=(), files=None, **functions):
        monkeypatch.setitem(sys.modules, "nst_reporting", types.SimpleNamespace(**functions))
        catalogue = Catalogue(Discovery())
        for name in functions:
            own = files or (f"{name}.html", name)
            catalogue.reporters[name] = ReporterInfo(name, f"nst_reporting:{name}", files=own, requires=requires)
            catalogue.owners["reporters", name] = f"my-{name}"
        return catalogue

    return make


def returning(contents):
    return lambda run: contents


def files(report):
    """Return every file of the run by its path, with its contents."""
    root = report.folder.path
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


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


def test_nothing_remains_of_one_that_fails_half_way(report, announce):
    before = files(report)

    def fails(path):
        path.write_text("half")
        raise ValueError("no more ink")

    write_files(
        announce(gallery=returning({"gallery.html": "old", "gallery/old.txt": "old"})).reporters["gallery"], report
    )
    contents = {"gallery.html": "new", "gallery/new.txt": "new", "gallery/half.txt": fails, "gallery/last.txt": "last"}
    paths, problems = ask_reporters(report, announce(gallery=returning(contents)))
    assert not paths
    assert list(map(str, problems)) == ["plugin my-gallery: reporter gallery: ValueError: no more ink"]
    assert files(report) == before
    assert not (report.folder.path / "gallery").exists()


def raising(error):
    def reporter(run):
        print("half a thought")
        raise error

    return reporter


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (OSError("no\nink"), "OSError: no ink"),
        (SystemExit(3), "SystemExit: 3"),
        (ValueError(), "ValueError: no message"),
    ],
)
def test_what_it_raises_is_a_line_and_the_others_go_on(report, announce, capsys, error, text):
    catalogue = announce(angry=raising(error), calm=returning({"calm.html": "ommm"}))
    paths, problems = ask_reporters(report, catalogue)
    assert paths == [report.folder.path / "calm.html"]
    assert [str(one) for one in problems] == [f"plugin my-angry: reporter angry: {text}"]
    assert catalogue.problems == problems
    assert capsys.readouterr() == ("", "half a thought\n")


def test_ctrl_c_passes_and_leaves_nothing_half_done(report, announce):
    def interrupted(path):
        raise KeyboardInterrupt

    before = files(report)
    catalogue = announce(gallery=returning({"gallery/1.txt": "1", "gallery.html": interrupted}))
    with pytest.raises(KeyboardInterrupt):
        ask_reporters(report, catalogue)
    assert files(report) == before


@pytest.mark.parametrize(
    ("contents", "text"),
    [
        (None, "returned NoneType. Return {file name: contents}"),
        (["gallery.html"], "returned list"),
        ({"gallery.html": None}, "its gallery.html is NoneType. Return text, bytes, or a function"),
        ({"gallery.html": 5}, "is int. Return text"),
        ({7: "x"}, "a file 7"),
        ({"": "x"}, "a file ''"),
        ({"../gallery.html": "x"}, "a file '../gallery.html'"),
        ({"gallery/../../x": "x"}, "Parts of a name"),
        ({"gallery//x": "x"}, "Parts of a name"),
        ({"gallery/": "x"}, "Parts of a name"),
        ({"gallery\\x": "x"}, "Parts of a name"),
        ({"gallery/.hidden": "x"}, "the first no '.'"),
        ({"gallery/new\nline": "x"}, "Parts of a name"),
        ({"/tmp/gallery.html": "x"}, "Parts of a name"),
        ({"report.md": "mine now"}, "not among its own, gallery.html, gallery. Name it"),
        ({"cells/a/image.png": b"x"}, "not among its own"),
        ({"other.html": "x"}, "not among its own"),
    ],
)
def test_what_it_returns_is_checked_before_anything_is_written(report, announce, contents, text):
    before = files(report)
    good = {"gallery.html": "fine"} if isinstance(contents, dict) else None
    contents = good | contents if good and "gallery.html" not in contents else contents
    paths, [problem] = ask_reporters(report, announce(gallery=returning(contents)))
    assert not paths
    assert problem.error.startswith("PluginError: ") and text in problem.error
    assert files(report) == before


def test_it_does_not_write_through_a_link(report, announce, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "theirs.txt").write_text("precious")
    (report.folder.path / "gallery").symlink_to(outside)
    (report.folder.path / "gallery.html").symlink_to(outside / "theirs.txt")
    contents = {"gallery.html": "page", "gallery/theirs.txt": "x"}
    _, [problem] = ask_reporters(report, announce(gallery=returning(contents)))
    assert "a link to another place. Remove the link" in problem.error
    assert [(path.name, path.read_text()) for path in outside.iterdir()] == [("theirs.txt", "precious")]
    # The links were at the reporter's own places, and are gone with what else it left: now it can.
    assert ask_reporters(report, announce(gallery=returning(contents)))[1] == []
    assert (outside / "theirs.txt").read_text() == "precious"


def test_a_file_that_it_cannot_read_is_no_full_disk(report, announce):
    def copies(path):
        path.write_bytes((report.folder.path / "nowhere.png").read_bytes())

    _, [problem] = ask_reporters(report, announce(gallery=returning({"gallery.html": copies})))
    assert "writing gallery.html: FileNotFoundError" in problem.error and "nowhere.png" in problem.error


def test_what_it_requires(report, announce):
    catalogue = announce(requires=("numpy", "not-there-at-all"), gallery=raising(AssertionError("asked")))
    _, [problem] = ask_reporters(report, catalogue)
    assert problem.error == "PluginError: it needs not-there-at-all: pip install not-there-at-all"


def test_a_target_that_is_not_there(report, announce):
    catalogue = announce(gallery=returning({}))
    del sys.modules["nst_reporting"].gallery
    _, [problem] = ask_reporters(report, catalogue)
    assert "cannot load 'nst_reporting:gallery'" in problem.error
    with pytest.raises(PluginError):
        write_files(catalogue.reporters["gallery"], report)


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
