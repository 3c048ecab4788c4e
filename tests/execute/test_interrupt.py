"""Whatever ends a run, it leaves no process behind, and the next run goes on as if nothing had happened."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import Any

import psutil
import pytest

from nstbench.results import read_records

SLOW = {"NSTBENCH_FAKE_STEP_S": "0.08"}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, new_lab: Any) -> list[dict[str, str]]:
    """The results of a run that nobody interrupted."""
    made = new_lab(tmp_path_factory.mktemp("undisturbed"))
    made.suite()
    assert made.run()[0] == 0
    return made.stable()


@pytest.fixture
def running(lab: Any) -> Any:
    """A slow run with one cell done and another in flight."""
    lab.suite()
    return lab.start(**SLOW).done(1)


def workers(run: Any) -> list[psutil.Process]:
    return psutil.Process(run.process.pid).children(recursive=True)


def test_kill_9_of_the_parent_loses_the_cell_in_flight_at_most(
    lab: Any, running: Any, undisturbed: list[dict[str, str]]
) -> None:
    below = workers(running)
    assert below
    running.process.kill()
    assert running.end() == -signal.SIGKILL
    assert running.gone(below, 2.0)
    kept = {record.cell for record in read_records(lab.folder())}
    assert 1 <= len(kept) < 4
    code, errors = lab.run()
    assert code == 0
    assert f"{len(kept)} done" in errors
    assert lab.stable() == undisturbed
    assert len(read_records(lab.folder())) == 4


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_termination_are_an_orderly_end(lab: Any, undisturbed: list[dict[str, str]], number: int) -> None:
    lab.suite()
    lab.program = "nstbench"
    running = lab.start(**SLOW).done(1)
    lab.program = "without_figures"
    below = workers(running)
    running.process.send_signal(number)
    assert running.end(5) == 130
    assert running.gone(below, 2.0)
    errors = running.errors.read_text()
    assert "Interrupted. Finished cells are kept: run again to go on" in errors
    assert "Traceback" not in errors
    assert 1 <= len(read_records(lab.folder())) < 4
    assert lab.run()[0] == 0
    assert lab.stable() == undisturbed


def test_what_a_library_started_ends_with_its_worker(lab: Any) -> None:
    lab.suite([["step-child"], ["mix1"]], images={"content": {"photo": "photo.png"}, "style": {"wave": "wave.png"}})
    run = lab.start(**SLOW).done(1)
    below = workers(run)
    assert len(below) == 2
    run.process.kill()
    run.end()
    assert run.gone(below, 2.0)


def test_a_worker_that_holds_the_interpreter_ends_all_the_same(lab: Any) -> None:
    images = {"content": {"photo": "photo.png"}, "style": {"wave": "wave.png"}}
    # mix1 is on disk before the third cell begins; mix2 may be waiting for its turn at the interpreter.
    lab.suite([["mix1"], ["mix2"], ["step-stubborn"]], images=images)
    run = lab.start().done(1)
    below = workers(run)
    time.sleep(0.5)
    run.process.kill()
    run.end()
    assert run.gone(below, 2.0)


def test_kill_9_of_a_worker_costs_its_cell(lab: Any, running: Any, undisturbed: list[dict[str, str]]) -> None:
    (worker,) = workers(running)
    worker.kill()
    assert running.end() == 1
    killed = [row for row in lab.rows() if row["status"] != "ok"]
    assert [row["status"] for row in killed] == ["killed"]
    assert "signal 9" in killed[0]["reason"]
    assert lab.run("--retry", "failed")[0] == 0
    assert lab.stable() == undisturbed


def test_termination_of_a_worker_costs_its_cell(lab: Any, running: Any) -> None:
    (worker,) = workers(running)
    worker.terminate()
    assert running.end() == 1
    assert [row["reason"] for row in lab.rows() if row["status"] == "killed"] == [
        "the worker was terminated (signal 15)"
    ]


def test_a_second_run_on_the_folder_is_refused(lab: Any, running: Any, undisturbed: list[dict[str, str]]) -> None:
    code, errors = lab.run()
    assert code == 2
    assert errors == f"another run is writing to {lab.folder().path}. Wait for it, or choose another --out.\n"
    assert lab.run("--fresh")[0] == 2
    assert running.end() == 0
    assert lab.stable() == undisturbed


def test_a_lock_that_was_left_behind_does_not_block(lab: Any) -> None:
    lab.suite()
    lab.folder().path.mkdir()
    lab.folder().lock.write_text("99999\n")
    assert lab.run("--only", "wave/*/1")[0] == 0


def test_a_worker_ends_when_its_input_does(lab: Any) -> None:
    """What its parent's death means to it, without a parent that dies."""
    lab.suite([["mix1"]])
    assert lab.run("--only", "wave")[0] == 0
    (job,) = lab.folder().logs.glob("*.json")
    command = [sys.executable, "-m", "nstbench.execute.worker", str(job), str(lab.path / "events")]
    environment = os.environ | lab.environment | {"NSTBENCH_FAKE_STEP_S": "60"}
    with subprocess.Popen(command, stdin=subprocess.PIPE, env=environment, start_new_session=True) as worker:
        time.sleep(1.0)
        assert worker.poll() is None
        worker.stdin.close()
        assert worker.wait(timeout=2) != 0


def test_what_a_killed_run_had_half_written_is_swept_up(lab: Any) -> None:
    lab.suite()
    half = lab.folder().cell("photo_wave") / ".new-x7.png"
    half.parent.mkdir(parents=True)
    half.write_bytes(b"half")
    lab.folder().lock.touch()
    assert lab.run("--only", "wave/*/1")[0] == 0
    assert not half.exists()


def test_a_torn_last_record_costs_its_cell_only(lab: Any, undisturbed: list[dict[str, str]]) -> None:
    lab.suite()
    assert lab.run()[0] == 0
    data = lab.folder().records.read_bytes()
    lab.folder().records.write_bytes(data[:-100])
    code, errors = lab.run()
    assert (code, "3 done" in errors) == (0, True), errors
    assert lab.stable() == undisturbed
