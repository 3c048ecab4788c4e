"""An exported copy is a smaller one that nothing writes to."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from nstbench.errors import RunError
from nstbench.results.folder import RunFolder
from nstbench.results.freeze import freeze
from nstbench.results.lock import locked
from nstbench.results.manifest import Manifest, read_manifest, write_manifest


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = RunFolder(tmp_path / "run")
    paths = (folder.image("a"), folder.best_image("a"), folder.logs / "a.log", folder.lock, folder.records)
    paths += (folder.tensorboard / "a" / "events", folder.mlruns / "0" / "meta.yaml", folder.path / "live.json")
    paths += (folder.path / "gallery" / "logs" / "image_best.png",)  # a reporter's
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    write_manifest(folder, Manifest(name="quickstart", nstbench="0", created="", command=""))
    return folder.path


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_what_readers_look_at_is_copied_and_frozen(run: Path, tmp_path: Path) -> None:
    freeze(run, tmp_path / "example")
    shown = ["cells/a/image.png", "gallery/logs/image_best.png", "records.jsonl", "run.json"]
    assert files(tmp_path / "example") == shown
    assert read_manifest(RunFolder(tmp_path / "example")).frozen
    assert not read_manifest(RunFolder(run)).frozen


def test_an_older_example_is_replaced_and_nothing_else(run: Path, tmp_path: Path) -> None:
    freeze(run, tmp_path / "example")
    RunFolder(run).image("b").parent.mkdir()
    RunFolder(run).image("b").write_text("x")
    shutil.rmtree(RunFolder(run).cell("a"))
    freeze(run, tmp_path / "example")
    assert RunFolder(tmp_path / "example").image("b").exists()
    assert not RunFolder(tmp_path / "example").image("a").exists()
    before = files(run)
    with pytest.raises(RunError, match="not an exported copy"):
        freeze(tmp_path / "example", run)
    assert files(run) == before


def test_without_pictures_only_numbers_are_copied(run: Path, tmp_path: Path) -> None:
    RunFolder(run).trace("a").write_text("x")
    for name in ("report.html", "report.md", "figures/loss.pdf", "results.parquet"):
        (run / name).parent.mkdir(exist_ok=True)
        (run / name).write_text("x")
    freeze(run, tmp_path / "example", pictures=False)
    assert files(tmp_path / "example") == ["cells/a/trace.csv", "records.jsonl", "run.json"]


@pytest.mark.parametrize("place", ["run", "run/copy", "."])
def test_a_copy_lies_beside_its_run(run: Path, tmp_path: Path, place: str) -> None:
    before = files(tmp_path)
    with pytest.raises(RunError, match="lie in each other"):
        freeze(run, tmp_path / place)
    assert files(tmp_path) == before


def test_a_run_that_goes_on_is_not_copied_and_a_copy_can_be(run: Path, tmp_path: Path) -> None:
    with locked(RunFolder(run)), pytest.raises(RunError, match=r"another run .* Wait for it, or stop it\.$"):
        freeze(run, tmp_path / "example")
    assert not (tmp_path / "example").exists()
    freeze(run, tmp_path / "example")
    freeze(tmp_path / "example", tmp_path / "again")
    assert files(tmp_path / "example") == files(tmp_path / "again")  # no lock was left in either


def test_a_full_disk_leaves_the_older_copy(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    freeze(run, tmp_path / "example")
    before = files(tmp_path)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(shutil, "copyfileobj", full)
    with pytest.raises(RunError, match=r"cannot write .*example: No space left on device\. .* free some space\.$"):
        freeze(run, tmp_path / "example")
    assert files(tmp_path) == before


@pytest.mark.parametrize("make", [Path.rmdir, lambda path: path.joinpath("x").touch()], ids=["nothing", "strangers"])
def test_what_is_no_run_is_refused(tmp_path: Path, make: Callable[[Path], object]) -> None:
    (tmp_path / "run").mkdir()
    make(tmp_path / "run")
    with pytest.raises(RunError, match="not a run folder"):
        freeze(tmp_path / "run", tmp_path / "example")
    assert not (tmp_path / "example").exists()
