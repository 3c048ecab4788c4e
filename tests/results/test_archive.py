"""A zip has what a frozen copy has, is the same for the same run, and is there whole or not at all."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import tracemalloc
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from nstbench.errors import RunError
from nstbench.results.archive import archive
from nstbench.results.folder import RunFolder
from nstbench.results.freeze import freeze
from nstbench.results.lock import locked
from nstbench.results.manifest import Manifest, write_manifest

CREATED = "2026-03-01T12:34:56+00:00"


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    folder = RunFolder(tmp_path / "my run")
    for path in (folder.image("b"), folder.image("a"), folder.best_image("a"), folder.logs / "a.log", folder.report):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x" * 1000)
    write_manifest(folder, Manifest(name="other", nstbench="0", created=CREATED, command=""))
    return folder


@contextmanager
def small_files() -> Iterator[None]:
    """A disk on which no file outgrows 600 bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (600, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_it_unpacks_to_the_frozen_copy(run: RunFolder, tmp_path: Path) -> None:
    archive(run.path, tmp_path / "run.zip")
    freeze(run.path, tmp_path / "copy")
    with zipfile.ZipFile(tmp_path / "run.zip") as packed:
        assert packed.testzip() is None
        packed.extractall(tmp_path / "elsewhere")
    assert [path.name for path in (tmp_path / "elsewhere").iterdir()] == ["my run"]
    assert contents(tmp_path / "elsewhere" / "my run") == contents(tmp_path / "copy")


def test_the_same_run_gives_the_same_bytes(run: RunFolder, tmp_path: Path) -> None:
    archive(run.path, tmp_path / "one.zip")
    for path in run.path.rglob("*.png"):
        os.utime(path, (1, 1))
        path.chmod(0o600)
    archive(run.path, tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as packed:
        entries = packed.infolist()
    assert [entry.filename for entry in entries] == [
        "my run/run.json", "my run/report.md", "my run/cells/a/image.png", "my run/cells/b/image.png",
    ]  # fmt: skip
    assert {entry.date_time for entry in entries} == {(2026, 3, 1, 12, 34, 56)}
    assert {oct(entry.external_attr >> 16) for entry in entries} == {"0o644"}


@pytest.mark.parametrize("created", ["", "1969-07-20T20:17:00+00:00"])
def test_a_run_without_a_date_that_a_zip_can_tell(run: RunFolder, tmp_path: Path, created: str) -> None:
    write_manifest(run, Manifest(name="other", nstbench="0", created=created, command=""))
    archive(run.path, tmp_path / "run.zip")
    with zipfile.ZipFile(tmp_path / "run.zip") as packed:
        assert {entry.date_time for entry in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_text_is_packed_and_pictures_are_not_twice(run: RunFolder, tmp_path: Path) -> None:
    archive(run.path, tmp_path / "run.zip")
    with zipfile.ZipFile(tmp_path / "run.zip") as packed:
        assert packed.getinfo("my run/report.md").compress_size < 100
        assert packed.getinfo("my run/cells/a/image.png").compress_size == 1000


def test_only_an_earlier_export_is_replaced(run: RunFolder, tmp_path: Path) -> None:
    target = tmp_path / "run.zip"
    archive(run.path, target)
    run.image("c").parent.mkdir()
    run.image("c").write_text("x")
    archive(run.path, target)
    with zipfile.ZipFile(target) as packed:
        assert "my run/cells/c/image.png" in packed.namelist()
    others: list[bytes] = [b"mine", b""]
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as packed:
        packed.writestr("thesis/chapter.txt", "mine")
        packed.writestr("thesis/run.json", '{"frozen": true}')
    others.append((tmp_path / "other.zip").read_bytes())
    for other in others:
        target.write_bytes(other)
        with pytest.raises(RunError, match="not an exported run"):
            archive(run.path, target)
        assert target.read_bytes() == other


def test_a_folder_in_the_way_is_refused(run: RunFolder, tmp_path: Path) -> None:
    (tmp_path / "run.zip").mkdir()
    with pytest.raises(RunError, match="not an exported run"):
        archive(run.path, tmp_path / "run.zip")


def test_a_full_disk_leaves_nothing(run: RunFolder, tmp_path: Path) -> None:
    before, why = contents(tmp_path), os.strerror(errno.EFBIG)
    with small_files(), pytest.raises(RunError, match=rf"cannot write .*run\.zip: {why}\. .* free some space\.$"):
        archive(run.path, tmp_path / "run.zip")
    after = contents(tmp_path)
    after.pop("my run/.nstbench.lock")
    assert after == before


def test_a_run_that_goes_on_is_not_packed(run: RunFolder, tmp_path: Path) -> None:
    with locked(run), pytest.raises(RunError, match=r"another run .* Wait for it, or stop it\.$"):
        archive(run.path, tmp_path / "run.zip")
    assert not (tmp_path / "run.zip").exists()


def test_a_zip_lies_beside_its_run(run: RunFolder) -> None:
    with pytest.raises(RunError, match="lie in each other"):
        archive(run.path, run.path / "run.zip")


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_that_cannot_be_read_is_named(run: RunFolder, tmp_path: Path) -> None:
    run.image("a").chmod(0)
    with pytest.raises(RunError, match=r"cannot read .*a/image\.png: Permission denied"):
        archive(run.path, tmp_path / "run.zip")
    assert not (tmp_path / "run.zip").exists()


def test_a_link_to_nowhere_is_named(run: RunFolder, tmp_path: Path) -> None:
    run.trace("a").symlink_to(tmp_path / "gone")
    with pytest.raises(RunError, match=r"cannot read .*trace\.csv: No such file"):
        archive(run.path, tmp_path / "run.zip")


def test_a_large_run_is_not_held_in_memory(run: RunFolder, tmp_path: Path) -> None:
    with run.image("a").open("wb") as file:
        file.truncate(50 * 2**20)
    tracemalloc.start()
    archive(run.path, tmp_path / "run.zip")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (tmp_path / "run.zip").stat().st_size > 50 * 2**20
    assert peak < 5 * 2**20


def test_the_files_of_links_are_packed(run: RunFolder, tmp_path: Path) -> None:
    """Somebody keeps the cells on a larger disk."""
    shutil.move(run.cells, tmp_path / "disk")
    run.cells.symlink_to(tmp_path / "disk")
    archive(run.path, tmp_path / "run.zip")
    with zipfile.ZipFile(tmp_path / "run.zip") as packed:
        assert packed.read("my run/cells/a/image.png") == b"x" * 1000
