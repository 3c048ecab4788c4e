"""What reporters do wrong is one line, and harms nothing."""

from __future__ import annotations

import sys

import pytest

from nstbench.errors import PluginError
from nstbench.report.reporters import ask_reporters, write_files

from .conftest import files, returning


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
