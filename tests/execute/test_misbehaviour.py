"""Cells and workers that go wrong in every way: each costs what it must and nothing else."""

from __future__ import annotations

import re
import shutil
from typing import Any

import pytest

from nstbench.results import Record, latest, read_records

STEPS = {
    "step-raise": ("error", r"ValueError: the trap sprang"),
    "step-oom": ("oom", r"out of memory: MemoryError"),
    "step-sigkill": ("killed", r"killed \(signal 9\)"),
    "step-segfault": ("crashed", r"SIGSEGV"),
    "step-exit": ("crashed", r"exit code 3: leaving now"),
    "step-fork": ("killed", r"killed \(signal 9\)"),
    "step-noise": ("ok", r""),
    "step-child": ("ok", r""),
    "step-diverge": ("diverged", r"not finite at iteration 1"),
    "step-hang": ("timeout", r"not finished within 5 s"),
}
LOADS = {
    "load-raise": ("error", r"ValueError: the trap sprang"),
    "load-oom": ("oom", r"out of memory: MemoryError"),
    "load-sigkill": ("killed", r"killed \(signal 9\)"),
    "load-segfault": ("crashed", r"SIGSEGV"),
    "load-exit": ("crashed", r"exit code 3: leaving now"),
    "load-hang": ("timeout", r"not finished within 5 s"),
    "load-fork": ("killed", r"killed \(signal 9\)"),
    "load-unavailable": ("unavailable", r"sees no such device"),
    "load-noise": ("ok", r""),
    "load-child": ("ok", r""),
}
GOOD = ("mix1", "mix1 mix3", "mix4")
FAILED = [layer for layer, (status, _) in STEPS.items() if status != "ok"]


def _suite(lab: Any) -> None:
    # A good cell comes first, in the middle and last, all in one job with the bad ones.
    bad = [(layer,) for layer in STEPS]
    sets = [("mix1",), *bad[:3], ("mix1", "mix3"), *bad[3:], ("mix4",)]
    lab.suite(sets, timeout=5, images={"content": {"photo": "photo.png"}, "style": {"wave": "wave.png"}})


def _by_layers(lab: Any, out: str = "run") -> dict[str, Record]:
    return {record.style_layers: record for record in latest(read_records(lab.folder(out))).values()}


@pytest.fixture(scope="module")
def wrecked(tmp_path_factory: pytest.TempPathFactory, new_lab: Any) -> Any:
    """A run in which everything that can go wrong within a cell went wrong."""
    made = new_lab(tmp_path_factory.mktemp("wrecked"))
    _suite(made)
    code, errors = made.run()
    assert code == 1, errors
    return made


@pytest.fixture
def again(lab: Any, wrecked: Any) -> Any:
    """A copy of that run, to go on with."""
    _suite(lab)
    shutil.copytree(wrecked.folder().path, lab.folder().path)
    return lab


@pytest.mark.parametrize("layer", STEPS)
def test_what_goes_wrong_in_a_cell_has_a_name(wrecked: Any, layer: str) -> None:
    record, (status, reason) = _by_layers(wrecked)[layer], STEPS[layer]
    assert (record.status, bool(re.search(reason, record.reason))) == (status, True), record.reason
    assert "\n" not in record.reason


@pytest.mark.parametrize("layers", GOOD)
def test_other_cells_of_the_job_are_unaffected(wrecked: Any, layers: str) -> None:
    record = _by_layers(wrecked)[layers]
    assert (record.status, record.iterations_done, record.attempt) == ("ok", 6, 1)


def test_a_job_is_told_once_that_a_cell_is_over(wrecked: Any) -> None:
    records = read_records(wrecked.folder())
    assert len(records) == len({record.cell for record in records}) == len(STEPS) + len(GOOD)


def test_failures_are_rows_of_every_table(wrecked: Any) -> None:
    rows = wrecked.rows()
    assert [row["style_layers"] for row in rows if row["status"] == "killed"] == ["step-sigkill", "step-fork"]
    assert all(row["reason"] for row in rows if row["status"] != "ok")
    assert "timeout" in wrecked.folder().report.read_text()


def test_what_failed_has_no_picture_and_no_losses(wrecked: Any) -> None:
    for layer in FAILED:
        record = _by_layers(wrecked)[layer]
        assert record.total is None
        assert not wrecked.folder().image(record.cell).exists()


def test_a_diverged_cell_keeps_its_trace(wrecked: Any) -> None:
    record = _by_layers(wrecked)["step-diverge"]
    lines = wrecked.folder().trace(record.cell).read_text().splitlines()
    assert (len(lines), lines[-1].split(",")[1]) == (3, "nan")
    assert (record.iterations_done, record.initial_total is not None) == (1, True)


def test_what_a_library_prints_goes_to_the_log(wrecked: Any) -> None:
    (log,) = wrecked.folder().logs.glob("*.log")
    assert b"garbage" in log.read_bytes()
    assert "garbage" not in wrecked.errors


def test_failed_cells_are_left_alone_without_retry(again: Any) -> None:
    before = again.folder().records.read_bytes()
    code, errors = again.run()
    assert code == 1
    assert "--retry failed" in errors
    assert again.folder().records.read_bytes() == before


def test_retry_failed_attempts_only_those(again: Any) -> None:
    assert again.run("--retry", "failed", NSTBENCH_FAKE_TAME="1")[0] == 0
    for layers, record in _by_layers(again).items():
        assert (record.status, record.attempt) == ("ok", 2 if layers in FAILED else 1), layers
    assert len(read_records(again.folder())) == len(STEPS) + len(GOOD) + len(FAILED)


def test_retry_all_attempts_every_cell(again: Any) -> None:
    assert again.run("--retry", "all", NSTBENCH_FAKE_TAME="1")[0] == 0
    assert {(str(record.status), record.attempt) for record in _by_layers(again).values()} == {("ok", 2)}


def test_a_failure_does_not_keep_the_files_of_an_earlier_attempt(again: Any) -> None:
    again.run("--retry", "failed", "--only", "*/2,*/3", NSTBENCH_FAKE_TAME="1")
    record = _by_layers(again)["step-raise"]
    assert (record.status, again.folder().image(record.cell).exists()) == ("ok", True)
    assert again.run("--retry", "all", "--only", "*/2")[0] == 1
    files = (
        again.folder().image(record.cell),
        again.folder().best_image(record.cell),
        again.folder().trace(record.cell),
    )
    assert not any(path.exists() for path in files)


def test_fresh_forgets_what_was(again: Any) -> None:
    stray = again.folder().cell("left-over")
    stray.mkdir()
    assert again.run("--fresh", NSTBENCH_FAKE_TAME="1")[0] == 0
    records = read_records(again.folder())
    assert {(str(record.status), record.attempt) for record in records} == {("ok", 1)}
    assert len(records) == len(STEPS) + len(GOOD)
    assert not stray.exists()


def test_the_reason_is_this_cells_own(lab: Any) -> None:
    """A crash after an out-of-memory, in the same log, is not out of memory."""
    images = {"content": {"photo": "photo.png"}, "style": {"wave": "wave.png"}}
    lab.suite([("step-oom",), ("step-segfault",), ("step-sigkill",), ("step-exit",)], images=images)
    lab.run()
    found = {layers: str(record.status) for layers, record in _by_layers(lab).items()}
    expected = {"step-oom": "oom", "step-segfault": "crashed", "step-sigkill": "killed", "step-exit": "crashed"}
    assert found == expected
    lab.run("--retry", "failed", "--only", "*/2")
    assert _by_layers(lab)["step-segfault"].status == "crashed"


def test_a_worker_that_dies_while_loading_costs_its_job_only(lab: Any) -> None:
    network = {"weights": "fake-weights", "style_layers": [["mix1"], ["mix2"]]}
    images = {"content": {"photo": "photo.png"}, "style": {"wave": "wave.png"}}
    lab.suite(backbones=dict.fromkeys(["fakenet", *LOADS], network), images=images, timeout=5)
    code, errors = lab.run("--jobs", "2")
    assert code == 1, errors
    records = latest(read_records(lab.folder())).values()
    assert len(records) == 2 * (len(LOADS) + 1)
    for record in records:
        status, reason = {"fakenet": ("ok", ""), **LOADS}[record.backbone]
        assert (record.status, bool(re.search(reason, record.reason))) == (status, True), record
    assert [row["backbone"] for row in lab.rows()] == [name for name in ("fakenet", *LOADS) for _ in range(2)]
    # What was unavailable is looked at again, without being asked to.
    lab.run("--only", "load-unavailable", NSTBENCH_FAKE_TAME="1")
    found = {r.status for r in latest(read_records(lab.folder())).values() if r.backbone == "load-unavailable"}
    assert found == {"ok"}
