"""Pictures on the way: as many as the trace says, no difference to any result, and none of a cell that has failed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nstbench.results import RunFolder, read_records
from nstbench.results.record import Record

ONE = {"content": {"photo": "photo.png"}, "style": {"wave": "wave.png"}}


def iterations(folder: RunFolder, cell: str) -> list[int]:
    return sorted(int(path.stem) for path in folder.snapshots(cell).glob("*"))


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def same_results(folder: RunFolder, other: RunFolder) -> None:
    records, others = read_records(folder), read_records(other)
    assert [one.cell for one in records] == [one.cell for one in others] and records
    for one, two in zip(records, others, strict=True):
        assert one.identity == two.identity
        assert folder.trace(one.cell).read_bytes() == other.trace(two.cell).read_bytes()
        for kind in (RunFolder.image, RunFolder.best_image):
            assert kind(folder, one.cell).read_bytes() == kind(other, two.cell).read_bytes()


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, new_lab: Any) -> Any:
    """Runs of one suite with a picture every 4 iterations, with one every iteration, and without."""
    made = new_lab(tmp_path_factory.mktemp("snapshots"))
    made.suite(iterations=10, batch=2, optimizer={"name": "adam", "learning_rate": 20})  # no two pictures look alike
    assert made.run(out="without")[0] == 0
    for every in (1, 4, 100):
        assert made.run("--set", f"snapshots={every}", out=f"every-{every}")[0] == 0
    return made


@pytest.mark.parametrize(("every", "kept"), [(1, list(range(11))), (4, [0, 4, 8]), (100, [0])])
def test_there_is_one_for_every_n_iterations_and_one_of_the_start(runs: Any, every: int, kept: list[int]) -> None:
    folder = runs.folder(f"every-{every}")
    cells = [record.cell for record in read_records(folder)]
    assert len(cells) == 4
    for cell in cells:
        assert iterations(folder, cell) == kept
        assert folder.snapshot(cell, 0).name == "000000.png"
        np.testing.assert_array_equal(pixels(folder.snapshot(cell, 0)), pixels(folder.input("photo", 40)))
        if every == 1:
            np.testing.assert_array_equal(pixels(folder.snapshot(cell, 10)), pixels(folder.image(cell)))
            assert folder.trace(cell).read_text().count("\n") == len(kept) + 1


def test_they_are_the_pictures_of_shorter_runs(runs: Any) -> None:
    assert runs.run("--set", "iterations=8", out="shorter")[0] == 0
    shorter = {record.layer_set + record.style: record for record in read_records(runs.folder("shorter"))}
    for record in read_records(runs.folder("every-4")):
        same = shorter[record.layer_set + record.style]
        np.testing.assert_array_equal(
            pixels(runs.folder("every-4").snapshot(record.cell, 8)), pixels(runs.folder("shorter").image(same.cell))
        )


@pytest.mark.parametrize("every", [1, 4, 100])
def test_they_change_no_bit_of_a_result(runs: Any, every: int) -> None:
    same_results(runs.folder(f"every-{every}"), runs.folder("without"))


@pytest.mark.parametrize(("every", "frames"), [(1, 11), (4, 4), (100, 2)])
def test_they_are_shown_in_motion_from_the_start_to_the_result(runs: Any, every: int, frames: int) -> None:
    folder = runs.folder(f"every-{every}")
    for record in read_records(folder):
        with Image.open(folder.animation(record.cell)) as motion:
            assert (motion.format, motion.n_frames, motion.info["loop"]) == ("WEBP", frames, 0)
            start, result = pixels(folder.input("photo", 40)), pixels(folder.image(record.cell))
            for number, shown, other in ((0, start, result), (frames - 1, result, start)):
                motion.seek(number)
                motion.load()
                frame = np.asarray(motion.convert("RGB"), float)
                assert np.abs(frame - shown).mean() < np.abs(frame - other).mean() / 2  # it is lossy
            assert motion.info["duration"] == 2000


def test_without_them_there_is_no_animation(runs: Any) -> None:
    folder = runs.folder("without")
    for record in read_records(folder):
        assert not folder.snapshots(record.cell).exists() and not folder.animation(record.cell).exists()


def test_cells_that_are_done_stay_done_and_one_attempted_anew_has_its_own(lab: Any) -> None:
    lab.suite([["mix1"]], images=ONE)
    assert lab.run("--set", "snapshots=2")[0] == 0
    assert lab.states() == lab.states("--set", "snapshots=3") == {"wave/1": "done"}
    folder, (record,) = lab.folder(), read_records(lab.folder())
    assert iterations(folder, record.cell) == [0, 2, 4, 6]
    assert lab.run("--set", "snapshots=3", "--retry", "all")[0] == 0
    assert iterations(folder, record.cell) == [0, 3, 6]
    assert lab.run("--retry", "all")[0] == 0
    assert not folder.snapshots(record.cell).exists() and not folder.animation(record.cell).exists()


@pytest.mark.parametrize("trap", ["step-raise", "step-sigkill", "step-diverge"])
def test_one_that_fails_leaves_none(lab: Any, trap: str) -> None:
    lab.suite([[trap], ["mix1"]], images=ONE, snapshots=1)
    assert lab.run(NSTBENCH_FAKE_TAME="1")[0] == 0
    folder = lab.folder()
    cells = {record.layer_set: record.cell for record in read_records(folder)}
    assert folder.animation(cells["1"]).is_file() and iterations(folder, cells["1"]) == list(range(7))
    assert lab.run("--retry", "all")[0] == 1
    assert not folder.snapshots(cells["1"]).exists() and not folder.animation(cells["1"]).exists()
    assert folder.animation(cells["2"]).is_file() and iterations(folder, cells["2"]) == list(range(7))
    assert lab.run("--fresh", "--set", "snapshots=0", "--only", "*/2")[0] == 2  # as ever: --fresh forgets everything


def test_one_of_a_batch_that_diverges_leaves_the_others_theirs(lab: Any) -> None:
    network = {"weights": "fake-weights", "content_layers": ["mix2"], "content_weight": [1, 7], "style_weight": 100}
    lab.suite(images=ONE, batch=2, snapshots=1, backbones={"fakenet": network | {"style_layers": ["mix1"]}})
    assert lab.run(NSTBENCH_FAKE_CURSE="7:diverge")[0] == 1
    sound: list[Record] = [one for one in read_records(lab.folder()) if one.status == "ok"]
    (wrong,) = [one for one in read_records(lab.folder()) if one.status == "diverged"]
    assert [iterations(lab.folder(), one.cell) for one in sound] == [list(range(7))]
    assert not lab.folder().snapshots(wrong.cell).exists()


def test_lbfgs_has_one_for_accepted_iterates(lab: Any) -> None:
    lab.suite([["mix1"]], images=ONE, optimizer={"name": "lbfgs"})
    assert lab.run(out="without")[0] == 0
    assert lab.run("--set", "snapshots=2")[0] == 0
    (record,) = read_records(lab.folder())
    assert record.iterations_done == 6
    assert iterations(lab.folder(), record.cell) == [0, 2, 4, 6]
    np.testing.assert_array_equal(
        pixels(lab.folder().snapshot(record.cell, 6)), pixels(lab.folder().image(record.cell))
    )
    same_results(lab.folder(), lab.folder("without"))


def test_what_cannot_be_kept_costs_no_cell(lab: Any) -> None:
    lab.suite([["mix1"]], images=ONE, iterations=1)
    assert lab.run()[0] == 0
    (record,) = read_records(lab.folder())
    lab.folder().animation(record.cell).mkdir()
    code, errors = lab.run("--set", "snapshots=1", "--retry", "all")
    assert (code, "Traceback" in errors) == (0, False)
    again = read_records(lab.folder())[-1]
    assert (again.status, again.attempt) == ("ok", 2)
    assert again.reason.startswith("no animation: cannot write ")


def test_they_take_no_time_of_the_steps(lab: Any) -> None:
    """Writing a picture takes longer than a step here: counted, it would be most of the time."""
    lab.suite([["mix1"]], images=ONE, iterations=100)
    assert lab.run(out="without")[0] == 0
    assert lab.run("--set", "snapshots=1")[0] == 0
    (plain,), (record,) = read_records(lab.folder("without")), read_records(lab.folder())
    assert record.elapsed_s - record.optimise_s > 2 * record.optimise_s
    assert record.step_ms_median < 2 * plain.step_ms_median
