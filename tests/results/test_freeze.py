"""A published example is a smaller copy that nothing writes to."""

from __future__ import annotations

from pathlib import Path

import pytest

from nstbench.errors import RunError
from nstbench.results.folder import RunFolder
from nstbench.results.freeze import freeze
from nstbench.results.manifest import Manifest, read_manifest, write_manifest


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = RunFolder(tmp_path / "run")
    for path in (folder.image("a"), folder.best_image("a"), folder.logs / "a.log", folder.lock, folder.records):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    write_manifest(folder, Manifest(name="quickstart", nstbench="0", created="", command=""))
    return folder.path


def test_what_readers_look_at_is_copied_and_frozen(run: Path, tmp_path: Path) -> None:
    freeze(run, tmp_path / "example")
    files = sorted(str(path.relative_to(tmp_path / "example")) for path in (tmp_path / "example").rglob("*.*"))
    assert files == ["cells/a/image.png", "records.jsonl", "run.json"]
    assert read_manifest(RunFolder(tmp_path / "example")).frozen
    assert not read_manifest(RunFolder(run)).frozen


def test_an_older_example_is_replaced_and_nothing_else(run: Path, tmp_path: Path) -> None:
    freeze(run, tmp_path / "example")
    RunFolder(run).image("b").parent.mkdir()
    RunFolder(run).image("b").write_text("x")
    freeze(run, tmp_path / "example")
    assert RunFolder(tmp_path / "example").image("b").exists()
    with pytest.raises(RunError, match="not a published example"):
        freeze(tmp_path / "example", run)


def test_without_pictures_only_numbers_are_copied(run: Path, tmp_path: Path) -> None:
    RunFolder(run).trace("a").write_text("x")
    freeze(run, tmp_path / "example", pictures=False)
    files = sorted(str(path.relative_to(tmp_path / "example")) for path in (tmp_path / "example").rglob("*.*"))
    assert files == ["cells/a/trace.csv", "records.jsonl", "run.json"]
