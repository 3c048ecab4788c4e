"""A change re-runs exactly the cells it affects."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nstbench.results import read_records

CELLS = ("print/1", "print/2", "wave/1", "wave/2")
LOSS = """
from nstbench import hookimpl
from nstbench.plugin.descriptors import LossInfo
from nstbench.transfer.losses import ContentLoss, GramLoss

twice = ContentLoss(lambda count: {factor})
gram = GramLoss(lambda n: 2.0)


@hookimpl
def nstbench_losses():
    yield LossInfo("twice", "fake_losses:twice", role="content", source="nobody")
    yield LossInfo("gram", "fake_losses:gram", role="style", source="nobody")
"""


def states(state: str, *cells: str, rest: str = "done") -> dict[str, str]:
    return {cell: state if cell in cells else rest for cell in CELLS}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, new_lab: Any) -> Any:
    made = new_lab(tmp_path_factory.mktemp("finished"))
    made.suite()
    assert made.run()[0] == 0
    return made


@pytest.fixture
def done(lab: Any, finished: Any) -> Any:
    """A copy of the finished run, pictures included; the third party's distribution is a copy, too."""
    for path in finished.path.glob("*.png"):
        shutil.copy2(path, lab.path)
    lab.suite()
    shutil.copytree(finished.folder().path, lab.folder().path)
    return lab


def _new_picture(path: Path) -> None:
    Image.fromarray(np.random.default_rng(5).integers(0, 256, (36, 36, 3), dtype=np.uint8)).save(path)


def test_nothing_changed(done: Any, own_fake: Path) -> None:
    """Neither where the files and the plugin are, nor when they were written, counts."""
    for path in [*done.path.glob("*.png"), *own_fake.rglob("*.*")]:
        os.utime(path, (1e9, 1e9))
    assert done.states() == states("done", *CELLS)


def test_changed_image_runs_its_cells_again(done: Any) -> None:
    _new_picture(done.path / "wave.png")
    assert done.states() == states("stale", "wave/1", "wave/2")
    before = {row["cell"]: row for row in done.rows()}
    assert done.run()[0] == 0
    assert len(read_records(done.folder())) == 6
    for row in done.rows():
        changed = row["style"] == "wave"
        assert row["attempt"] == ("2" if changed else "1")
        assert (row["style_sha256"] != before[row["cell"]]["style_sha256"]) == changed
        assert (row["total"] != before[row["cell"]]["total"]) == changed
    assert done.states() == states("done", *CELLS)


def test_image_of_the_same_content_elsewhere_is_the_same(done: Any) -> None:
    folder = done.path / "pictures"
    folder.mkdir()
    shutil.copy(done.path / "wave.png", folder / "wave.png")
    assert done.states("--images-dir", str(folder)) == states("done", *CELLS)
    _new_picture(folder / "wave.png")
    assert done.states("--images-dir", str(folder)) == states("stale", "wave/1", "wave/2")


def test_changed_setting_is_another_cell(done: Any) -> None:
    assert done.states("--set", "iterations=7") == states("new", *CELLS)
    assert done.run("--set", "iterations=7", "--only", "wave/*/1")[0] == 0
    assert [row["iterations"] for row in done.rows()] == ["7"]
    assert done.states("--set", "iterations=7") == states("done", "wave/1", rest="new")
    assert done.states() == states("done", *CELLS), "what the folder held under the old setting is still there"


def test_changed_setting_that_does_not_change_results_changes_nothing(done: Any) -> None:
    assert done.states("--set", "timeout=30") == states("done", *CELLS)


def test_another_plugin_changes_nothing(done: Any) -> None:
    done.install("fake_losses", LOSS.format(factor=2.0))
    assert done.states() == states("done", *CELLS)


def test_changed_plugin_source_runs_everything_of_it_again(done: Any, own_fake: Path) -> None:
    source = own_fake / "nstbench_fake" / "network.py"
    source.write_text(source.read_text() + "\n# mended\n")
    assert done.states() == states("stale", *CELLS)


def test_changed_reader_of_weights_reads_them_again(done: Any, own_fake: Path) -> None:
    source = own_fake / "nstbench_fake" / "network.py"
    source.write_text(source.read_text().replace("random.normal(0.0, 0.6, shape)", "random.normal(0.0, 0.3, shape)"))
    before = done.rows()
    assert done.run()[0] == 0
    assert all(row["total"] != old["total"] for row, old in zip(done.rows(), before, strict=True))


@pytest.mark.parametrize("distribution", ["fakeframework-2.1", "nstbench_fake-1.0"])
def test_another_version_runs_everything_again(done: Any, own_fake: Path, distribution: str) -> None:
    metadata = own_fake / f"{distribution}.dist-info" / "METADATA"
    metadata.write_text(metadata.read_text().replace("Version: 2.1\n", "Version: 2.2\n").replace(": 1.0\n", ": 1.1\n"))
    assert done.states() == states("stale", *CELLS)


@pytest.mark.parametrize("loss", [{"content": "twice"}, {"style": "gram"}])
def test_changed_loss_runs_its_cells_again(lab: Any, loss: dict[str, str]) -> None:
    source = lab.install("fake_losses", LOSS.format(factor=2.0))
    images = {"content": {"photo": "photo.png"}, "style": {"wave": "wave.png"}}
    lab.suite([["mix1"]], images=images, loss=loss)
    assert lab.run()[0] == 0
    assert lab.states() == {"wave/1": "done"}
    source.write_text(LOSS.format(factor=3.0))
    assert lab.states() == {"wave/1": "stale"}


def test_changed_weights_run_the_cells_that_use_them(lab: Any) -> None:
    (lab.path / "own.json").write_text('{"seed": 1}')
    network = {"style_layers": ["mix1"], "weights": "fake-weights"}
    own = network | {"backbone": "fakenet", "weights": f"file:{lab.path}/own.json"}
    images = {"content": {"photo": "photo.png"}, "style": {"wave": "wave.png"}}
    lab.suite(backbones={"fakenet": network, "own": own}, images=images)
    assert lab.run()[0] == 0
    first, second = lab.rows()
    assert first["total"] != second["total"]
    (lab.path / "own.json").write_text('{"seed": 2}')
    assert lab.run()[0] == 0
    assert lab.rows()[0] == first
    changed = lab.rows()[1]
    assert changed["attempt"] == "2"
    assert all(changed[name] != second[name] for name in ("weights_sha256", "total"))
    assert changed["cell"] == second["cell"]


def test_weights_from_another_folder_count_by_their_content(done: Any) -> None:
    folder = done.path / "weights"
    folder.mkdir()
    (folder / "fakenet.json").write_text('{"seed": 7}\n')
    assert done.states("--weights-dir", str(folder)) == states("done", *CELLS)
    (folder / "fakenet.json").write_text('{"seed": 8}\n')
    assert done.states("--weights-dir", str(folder)) == states("stale", *CELLS)


@pytest.mark.parametrize("gone", ["image", "trace"])
def test_a_cell_whose_files_are_gone_runs_again(done: Any, gone: str) -> None:
    cell = done.rows()[0]["cell"]
    getattr(done.folder(), gone)(cell).unlink()
    assert sorted(done.states().values()) == ["done"] * (len(CELLS) - 1) + ["stale"]
