"""Batches through the real runner: every cell is what it is alone, and none costs another."""

from __future__ import annotations

import csv
import json
import re
import shutil
import signal
from typing import Any

import numpy as np
import pytest

from nstbench.results import latest, read_records

SETS = [["mix1"], ["mix2"], ["mix1", "mix2"]]
WEIGHTS = [1, 5, 7]
TIMES = ("first_step_s", "step_ms_median", "step_ms_p90", "optimise_s", "iterations_per_s")


def write(lab: Any, batch: int | str = 4, **changes: Any) -> None:
    """Three layer sets times three weights times two styles of different size: 18 cells with one compiled step."""
    network = {"weights": "fake-weights", "content_layers": ["mix2"], "content_weight": WEIGHTS, "style_weight": 100}
    changes = {"backbones": {"fakenet": network | {"style_layers": SETS}}} | changes
    lab.suite(batch=batch, **changes)


def sizes(lab: Any, out: str = "run") -> list[int]:
    return [int(row["batch"]) for row in lab.rows(out)]


def trace(lab: Any, cell: str, out: str = "run") -> np.ndarray:
    with lab.folder(out).trace(cell).open(newline="") as file:
        _, *rows = csv.reader(file)
    return np.array(rows, dtype=np.float64)


def begun(lab: Any, out: str = "run") -> list[int]:
    """Return the sizes of all batches that were begun, in order."""
    (log,) = lab.folder(out).logs.glob("*.log")
    return [int(size) for size in re.findall(r"^fake: batch of (\d+)$", log.read_text(), re.MULTILINE)]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, new_lab: Any) -> Any:
    """A run in batches, and one without, that nothing happened to."""
    made = new_lab(tmp_path_factory.mktemp("undisturbed"))
    write(made)
    assert made.run(NSTBENCH_FAKE_TELL="1")[0] == 0
    assert made.run("--set", "batch=1", out="alone")[0] == 0
    return made


@pytest.fixture
def copied(lab: Any, undisturbed: Any) -> Any:
    """A copy of the run in batches, to go on with."""
    write(lab)
    shutil.copytree(undisturbed.folder().path, lab.folder().path)
    return lab


def test_layer_sets_and_weights_of_all_kinds_go_together(undisturbed: Any) -> None:
    assert begun(undisturbed) == [4, 4, 4, 4, 2]
    assert sizes(undisturbed) == [4] * 16 + [2] * 2
    assert sizes(undisturbed, "alone") == [1] * 18
    for found, alone in zip(undisturbed.rows(), undisturbed.rows("alone"), strict=True):
        assert found["cell"] == alone["cell"]
        given = trace(undisturbed, found["cell"]), trace(undisturbed, alone["cell"], "alone")
        np.testing.assert_allclose(*given, rtol=1e-5, atol=1e-6)
        assert (found["reason"], found["best_iteration"]) == ("", alone["best_iteration"])
        for name in ("total", "style_raw", "content_raw", "ssim_content", "moved", "best_total"):
            assert float(found[name]) == pytest.approx(float(alone[name]), rel=1e-4), name
    assert len({row["total"] for row in undisturbed.rows()}) == 18


def test_a_cell_of_a_batch_has_no_times_of_its_own(undisturbed: Any) -> None:
    for row in undisturbed.rows():
        assert [row[name] for name in TIMES] == [""] * len(TIMES)
        assert float(row["elapsed_s"]) > 0 and float(row["peak_memory_mb"]) > 1
    assert [bool(row["load_s"]) for row in undisturbed.rows()] == [True] + [False] * 17
    assert all(row["optimise_s"] for row in undisturbed.rows("alone"))


def test_the_report_bears_cells_without_times(undisturbed: Any) -> None:
    text = undisturbed.folder().report.read_text()
    assert "18 of 18 cells ok" in text and "nan" not in text


def test_one_that_diverges_costs_no_other(lab: Any, undisturbed: Any) -> None:
    write(lab)
    assert lab.run(NSTBENCH_FAKE_CURSE="5:diverge", NSTBENCH_FAKE_TELL="1")[0] == 1
    assert begun(lab) == [4, 4, 4, 4, 2]
    for row, good in zip(lab.stable(), undisturbed.stable(), strict=True):
        if row["content_weight"] == "5.0":
            assert (row["status"], row["reason"]) == ("diverged", "the loss is not finite at iteration 1")
            assert len(trace(lab, row["cell"])) == 2 and not lab.folder().image(row["cell"]).exists()
        else:
            assert row == good


@pytest.mark.parametrize(("curse", "status"), [("raise", "error"), ("sigkill", "killed"), ("segfault", "crashed")])
def test_one_that_breaks_its_batch_costs_no_other(lab: Any, undisturbed: Any, curse: str, status: str) -> None:
    network = {
        "weights": "fake-weights",
        "content_layers": ["mix2"],
        "content_weight": [1, 2, 7, 3, 4],
        "style_weight": 9,
    }
    write(lab, 3, backbones={"fakenet": network | {"style_layers": ["mix1"]}}, iterations=2)
    assert lab.run(NSTBENCH_FAKE_CURSE=f"7:{curse}", NSTBENCH_FAKE_TELL="1")[0] == 1
    rows = lab.rows()
    # print: (1 2 7) (3 4 | wave: 1) (2 7 3) (4)
    assert [row["status"] for row in rows] == ["ok", "ok", status, "ok", "ok"] * 2
    assert [row["batch"] for row in rows if row["status"] == "ok"] == ["1", "1", "3", "3", "3", "1", "1", "1"]
    reasons = [row["reason"] for row in rows if row["status"] == "ok"]
    split = [bool(reason) for reason in reasons]
    assert split == [True, True, False, False, False, True, True, False]
    assert reasons[0].startswith("it ran alone because its batch failed: ")
    assert [row["optimise_s"] != "" for row in rows if row["status"] == "ok"] == [
        True, True, False, False, False, True, True, True
    ]  # fmt: skip
    # A batch is tried once, however often its cells end their worker; the one that is well, twice if it was still being
    # written then.
    assert begun(lab).count(3) in (3, 4)
    assert {record.attempt for record in latest(read_records(lab.folder())).values()} == {1}


def test_a_batch_that_is_too_large_runs_one_at_a_time(lab: Any, undisturbed: Any) -> None:
    write(lab)
    assert lab.run(NSTBENCH_FAKE_BATCH="3", NSTBENCH_FAKE_TELL="1")[0] == 0
    assert sizes(lab) == [1] * 16 + [2] * 2
    assert begun(lab) == [4, 1, 1, 1, 1] * 4 + [2]
    assert [bool(row["reason"]) for row in lab.rows()] == [True] * 16 + [False] * 2
    assert "out of memory: a batch of 4 is too many" in lab.rows()[0]["reason"]
    varies = ("batch", "reason")
    for row, alone in list(zip(lab.stable(), undisturbed.stable("alone"), strict=True))[:16]:
        assert {name: row[name] for name in row if name not in varies} == {
            name: alone[name] for name in alone if name not in varies
        }


def test_one_that_hangs_costs_itself(lab: Any) -> None:
    network = {"weights": "fake-weights", "content_layers": ["mix2"], "content_weight": [1, 7], "style_weight": 9}
    images = {"content": {"photo": "photo.png"}, "style": {"wave": "wave.png"}}
    write(lab, 2, backbones={"fakenet": network | {"style_layers": ["mix1"]}}, images=images, timeout=1.5)
    assert lab.run(NSTBENCH_FAKE_CURSE="7:hang")[0] == 1
    assert [row["status"] for row in lab.rows()] == ["ok", "timeout"]
    assert lab.rows()[0]["reason"] == "it ran alone because its batch failed: not finished within 1.5 s"


def test_a_loss_that_one_cell_cannot_have_costs_no_other(lab: Any) -> None:
    """The style loss of a picture to itself is 0 at the start, and a relative loss cannot be divided by that."""
    images = {"content": {"photo": "photo.png"}, "style": {"photo": "photo.png", "wave": "wave.png"}}
    write(lab, 8, images=images, loss={"style": "gatys-relative"})
    assert lab.run()[0] == 1
    rows = lab.rows()
    assert [row["status"] for row in rows] == ["error"] * 9 + ["ok"] * 9
    assert "cannot be divided by that" in rows[0]["reason"]


def test_relative_losses_go_together(lab: Any) -> None:
    write(lab, 9, loss={"style": "gatys-relative"})
    assert lab.run()[0] == 0
    assert lab.run("--set", "batch=1", out="alone")[0] == 0
    for row, alone in zip(lab.rows(), lab.rows("alone"), strict=True):
        assert (row["batch"], alone["batch"]) == ("9", "1")
        np.testing.assert_allclose(trace(lab, row["cell"]), trace(lab, row["cell"], "alone"), rtol=1e-5, atol=1e-6)


def test_killed_and_resumed_is_bit_for_bit_uninterrupted(lab: Any, undisturbed: Any) -> None:
    write(lab)
    run = lab.start(NSTBENCH_FAKE_STEP_S="0.08").done(1)
    run.process.kill()
    assert run.end() == -signal.SIGKILL
    kept = len(run.records())
    assert 1 <= kept < 18
    code, errors = lab.run()
    assert (code, f"{kept} done" in errors) == (0, True), errors
    assert lab.stable() == undisturbed.stable()
    assert len(read_records(lab.folder())) == 18


@pytest.mark.parametrize("kept", [0, 1, 3, 6, 17])
def test_a_batch_that_is_partly_done_runs_as_a_whole(copied: Any, undisturbed: Any, kept: int) -> None:
    """As a kill between two records of a batch would leave it; the cells that are done stay as they are."""
    lines = copied.folder().records.read_bytes().splitlines(keepends=True)
    copied.folder().records.write_bytes(b"".join(lines[:kept]))
    code, errors = copied.run(NSTBENCH_FAKE_TELL="1")
    assert code == 0, errors
    assert copied.stable() == undisturbed.stable()
    assert copied.folder().records.read_bytes().startswith(b"".join(lines[:kept]))
    assert len(read_records(copied.folder())) == 18
    assert begun(copied)[5:] == [4, 4, 4, 4, 2][kept // 4 :]


def test_cells_that_were_not_chosen_run_along_and_are_not_recorded(lab: Any, undisturbed: Any) -> None:
    write(lab)
    assert lab.run("--only", "wave/*/3", NSTBENCH_FAKE_TELL="1")[0] == 0
    assert begun(lab) == [4, 2]
    assert len(read_records(lab.folder())) == 3 and len(list(lab.folder().cells.iterdir())) == 3
    expected = {row["cell"]: row for row in undisturbed.stable()}
    done = [row for row in lab.stable() if row["status"] == "ok"]
    assert done == [expected[row["cell"]] for row in done] and len(done) == 3
    assert lab.run()[0] == 0
    assert lab.stable() == undisturbed.stable()


def test_companions_without_their_pictures_stay_away(lab: Any) -> None:
    write(lab)
    (lab.path / "print.png").write_bytes(b"damaged")
    assert lab.run("--only", "wave", NSTBENCH_FAKE_TELL="1")[0] == 0
    assert [row["status"] for row in lab.rows()] == ["ok"] * 9
    assert begun(lab) == [3, 4, 2]  # the first of them would have been with one of print


def test_retrying_a_cell_runs_its_batch(copied: Any) -> None:
    (record, *_) = read_records(copied.folder())
    lines = copied.folder().records.read_text().splitlines(keepends=True)
    failed = json.loads(lines[0]) | {"status": "killed"}
    copied.folder().records.write_text("".join([json.dumps(failed) + "\n", *lines[1:]]))
    assert copied.run("--retry", "failed", NSTBENCH_FAKE_TELL="1")[0] == 0
    assert begun(copied)[5:] == [4]
    assert latest(read_records(copied.folder()))[record.cell].total == record.total


def test_repeats_are_batched_within_their_own_process(lab: Any) -> None:
    write(lab, 64, repeats=2, iterations=2)
    assert lab.run()[0] == 0
    assert sizes(lab) == [9] * 36 or sizes(lab) == [18] * 36
    assert len({record.job for record in read_records(lab.folder())}) == 2
