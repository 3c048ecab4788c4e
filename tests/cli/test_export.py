"""``nstbench export``: what a colleague gets, and what they can do with it."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from nstbench.report import build_report
from nstbench.results import RunFolder, read_results
from nstbench.results.lock import locked
from nstbench.testing.made_run import made_run


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run of four cells with hostile names, two of which are ok, and its report."""
    folder = made_run(tmp_path_factory.mktemp("finished") / "reports" / "mine")
    folder.logs.mkdir()
    (folder.logs / "job.log").write_text(str(folder.path))
    build_report(folder.path)
    return folder


@pytest.fixture
def run(finished: RunFolder, here: Path) -> RunFolder:
    """That run, for a test alone."""
    shutil.copytree(finished.path, here / "reports" / "mine")
    return RunFolder(here / "reports" / "mine")


@pytest.fixture
def unpacked(run: RunFolder, nstbench: Callable, tmp_path: Path) -> Path:
    assert nstbench("export", run.path, "--zip").code == 0
    with zipfile.ZipFile("reports/mine.zip") as packed:
        packed.extractall(tmp_path / "colleague")
    return tmp_path / "colleague" / "mine"


def test_a_zip_lies_beside_its_run(run: RunFolder, nstbench: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = nstbench("export", "reports/mine", "--zip")
    assert (ended.code, ended.out, ended.err) == (0, "reports/mine.zip\n", "")
    monkeypatch.chdir(run.path)
    ended = nstbench("export", ".", "--zip")
    assert (ended.code, ended.out) == (0, "../mine.zip\n")
    ended = nstbench("export", ".", "--zip", "--out", "../elsewhere/x.zip")
    assert (ended.code, ended.out) == (0, "../elsewhere/x.zip\n")
    assert (run.path / "../elsewhere/x.zip").read_bytes() == (run.path / "../mine.zip").read_bytes()


def test_everything_that_is_looked_at_is_in_it(run: RunFolder, unpacked: Path) -> None:
    found = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()}
    ok = [row.cell for row in read_results(run.path).itertuples() if row.status == "ok"]
    assert {"run.json", "records.jsonl", "results.csv", "table1.csv", "report.md"} < found
    assert {f"cells/{cell}/trace.csv" for cell in ok} < found
    assert {f"cells/{ok[0]}/image.png", f"cells/{ok[-1]}/image.png"} < found
    assert any(name.startswith("figures/") for name in found) and any(name.startswith("inputs/") for name in found)
    assert not [name for name in found if "best" in name or name.startswith(("logs", "."))]


def test_nothing_in_it_names_a_place_on_this_machine(unpacked: Path, here: Path, finished: RunFolder) -> None:
    files = [path for path in unpacked.rglob("*") if path.is_file()]
    assert len(files) > 10
    places = [str(place).encode() for place in (here, finished.path.parents[1])]
    assert [path for path in files if any(place in path.read_bytes() for place in places)] == []


def test_a_colleague_can_read_and_compare_and_change_nothing(
    run: RunFolder, unpacked: Path, nstbench: Callable, tmp_path: Path
) -> None:
    assert read_results(unpacked).equals(read_results(run.path))
    assert nstbench("compare", run.path, unpacked).code == 0
    before = {path: path.read_bytes() for path in unpacked.rglob("*") if path.is_file()}
    ended = nstbench("report", unpacked)
    assert ended.code == 2
    assert "exported copy, which is never changed. Work on the run it was made of" in ended.err
    assert nstbench("export", unpacked, "--zip", "--out", tmp_path / "again.zip").code == 0
    assert (tmp_path / "again.zip").read_bytes() == Path("reports/mine.zip").read_bytes()
    assert {path: path.read_bytes() for path in unpacked.rglob("*") if path.is_file()} == before


def test_without_zip_it_is_a_folder(run: RunFolder, unpacked: Path, nstbench: Callable) -> None:
    for _ in range(2):
        ended = nstbench("export", run.path, "--out", "example")
        assert (ended.code, ended.out, ended.err) == (0, "example\n", "")
    for path in unpacked.rglob("*.*"):
        assert (Path("example") / path.relative_to(unpacked)).read_bytes() == path.read_bytes()


def test_a_run_without_a_report_is_exported_with_a_word(here: Path, nstbench: Callable) -> None:
    made_run(here / "mine")
    ended = nstbench("export", "mine", "--zip")
    assert (ended.code, ended.out) == (0, "mine.zip\n")
    assert ended.err == "There is no report in it: run `nstbench report mine` and export again.\n"


def test_what_cannot_be_exported_is_said(run: RunFolder, refused: Callable, here: Path) -> None:
    Path("thesis.zip").write_text("mine")
    Path("thesis").mkdir()
    Path("thesis/chapter.tex").write_text("mine")
    assert "nowhere is not a run folder" in refused("export", "nowhere", "--zip")
    assert "thesis is not a run folder" in refused("export", "thesis", "--zip")
    assert "thesis.zip exists and is not an exported run" in refused("export", run.path, "--zip", "--out", "thesis.zip")
    assert "thesis exists and is not an exported copy" in refused("export", run.path, "--out", "thesis")
    assert "--out DIR" in refused("export", run.path) and "--zip" in refused("export", run.path)
    assert "Add --zip" in refused("export", run.path, "--out", "mine.zip")
    assert "lie in each other" in refused("export", run.path, "--out", run.path / "copy")
    with locked(run):
        assert "another run is writing to" in refused("export", run.path, "--zip")


@pytest.mark.parametrize("options", [("--zip", "--out", "file/mine.zip"), ("--out", "file/mine")])
def test_where_nothing_can_be_written(run: RunFolder, refused: Callable, options: tuple[str, ...]) -> None:
    Path("file").touch()
    said = refused("export", run.path, *options)
    assert said.startswith("cannot write file/mine") and "Choose another" in said
