"""Disks that are full, folders that cannot be written, and folders that must not be."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest

import nstbench
from nstbench.errors import RunError
from nstbench.results import read_manifest, read_records, write_manifest

ONE = {"content": {"photo": "photo.png"}, "style": {"wave": "wave.png"}}
LIMITED = """
import os, resource, sys
limit = int(os.environ["LARGEST_FILE"])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
from nstbench.cli import main
from nstbench.report import build
build.sheets = lambda *_: []
main()
"""


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, new_lab: Any) -> list[dict[str, str]]:
    made = new_lab(tmp_path_factory.mktemp("undisturbed"))
    made.suite()
    assert made.run()[0] == 0
    return made.stable()


def is_short(message: str) -> bool:
    """Say whether a message is one line of at most two sentences."""
    return message.count("\n") == 1 and message.count(". ") <= 1 and message.endswith(".\n") and len(message) < 400


# From what not even the head of the run fits in to what the records outgrow at the end.
@pytest.mark.parametrize("size", [500, 3_000, 5_000, 6_500])
def test_a_full_disk_is_a_message_and_a_later_run_recovers(
    lab: Any, undisturbed: list[dict[str, str]], size: int
) -> None:
    lab.suite()
    site = lab.path / "limited"
    site.mkdir()
    (site / "limited_disk.py").write_text(LIMITED)
    usual = lab.environment["PYTHONPATH"]
    lab.environment["PYTHONPATH"], lab.program = f"{usual}{os.pathsep}{site}", "limited_disk"
    code, errors = lab.run(LARGEST_FILE=str(size))
    assert "Traceback" not in errors
    assert not list(lab.folder().path.rglob(".new-*"))
    assert code == 2, errors
    last = errors.splitlines(keepends=True)[-1]
    assert (is_short(last), last.startswith("cannot write ")) == (True, True), errors
    assert "file too large" in last.lower()
    lab.environment["PYTHONPATH"], lab.program = usual, "without_figures"
    assert lab.run("--retry", "failed")[0] == 0
    assert lab.stable() == undisturbed


def test_no_space_for_a_record_loses_that_record_only(lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.suite()
    write, calls = os.pwrite, []

    def full(descriptor: int, data: bytes, offset: int) -> int:
        calls.append(offset)
        if len(calls) == 3:
            write(descriptor, data[:50], offset)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(descriptor, data, offset)

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(RunError, match="no space left on device") as caught:
        nstbench.run(lab.path / "suite.yaml", out=lab.folder().path)
    assert is_short(f"{caught.value}\n")
    assert len(lab.folder().records.read_bytes().splitlines()) == len(read_records(lab.folder())) == 2
    code, errors = lab.run()
    assert (code, "2 done" in errors) == (0, True)


def test_cells_that_cannot_be_written_are_failed_rows(lab: Any) -> None:
    lab.suite([["mix1"], ["mix2"]], images=ONE)
    lab.folder().path.mkdir()
    lab.folder().lock.touch()
    lab.folder().cells.write_text("not a folder")
    code, errors = lab.run()
    assert code == 1, errors
    assert [row["status"] for row in lab.rows()] == ["error", "error"]
    assert all(row["reason"].startswith("cannot write cells/") for row in lab.rows())  # and not where the run lies
    lab.folder().cells.unlink()
    assert lab.run("--retry", "failed")[0] == 0


@pytest.mark.parametrize("place", ["/proc/nstbench-run", "{lab}/photo.png/run", "{lab}/photo.png"])
def test_a_place_that_cannot_be_a_folder_is_refused(lab: Any, place: str) -> None:
    lab.suite([["mix1"]], images=ONE)
    code, errors = lab.run("--out", place.format(lab=lab.path))
    assert (code, is_short(errors)) == (2, True), errors


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_read_only_folder_is_refused(lab: Any) -> None:
    lab.suite([["mix1"]], images=ONE)
    lab.folder().path.mkdir(mode=0o500)
    code, errors = lab.run()
    assert (code, is_short(errors), "permission denied" in errors) == (2, True, True), errors


def test_a_read_only_disk_is_refused(lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.suite([["mix1"]], images=ONE)
    lab.folder().path.mkdir()
    touch = Path.touch

    def refuse(path: Path, *arguments: Any, **options: Any) -> None:
        if lab.folder().path in path.parents:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
        touch(path, *arguments, **options)

    monkeypatch.setattr(Path, "touch", refuse)
    with pytest.raises(RunError, match="read-only file system") as caught:
        nstbench.run(lab.path / "suite.yaml", out=lab.folder().path)
    assert is_short(f"{caught.value}\n")
    assert not list(lab.folder().path.iterdir())


def test_somebody_elses_folder_is_refused(lab: Any) -> None:
    lab.suite([["mix1"]], images=ONE)
    code, errors = lab.run("--out", str(lab.path))
    assert (code, is_short(errors)) == (2, True)
    assert "not a run of nstbench" in errors


@pytest.mark.parametrize("options", [(), ("--fresh",), ("--retry", "all")])
def test_a_published_example_is_never_changed(lab: Any, options: tuple[str, ...]) -> None:
    lab.suite([["mix1"]], images=ONE)
    if not lab.folder("made").path.exists():
        assert lab.run(out="made")[0] == 0
    write_manifest(lab.folder("made"), msgspec.structs.replace(read_manifest(lab.folder("made")), frozen=True))
    before = _contents(lab.folder("made").path)
    code, errors = lab.run(*options, out="made")
    assert (code, is_short(errors)) == (2, True), errors
    assert "exported copy" in errors
    assert _contents(lab.folder("made").path) == before
    shutil.rmtree(lab.folder("made").path)


def _contents(folder: Path) -> dict[str, tuple[int, bytes]]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in files}
