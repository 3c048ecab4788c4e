"""``live.json`` while a run goes on, after it, and after what ends a run without a word."""

from __future__ import annotations

import signal
from typing import Any

import msgspec
import pytest

from nstbench.live import LiveRun, Stage, read_live

SLOW = {"NSTBENCH_FAKE_STEP_S": "0.1"}
ONE = {"content": {"photo": "photo.png"}, "style": {"wave": "wave.png"}}


@pytest.fixture
def running(lab: Any, wait_for: Any) -> Any:
    """A slow run that has told of a cell at work, and what it told."""
    lab.suite([["mix1"], ["mix1", "mix3"]], images=ONE, iterations=40)
    run = lab.start(**SLOW)
    live = wait_for(lambda: (state := read_live(lab.folder())) and state.running and state.seconds_left and state)
    return run, live


def test_it_says_what_runs_and_in_the_end_how_it_ended(lab: Any, running: Any, wait_for: Any) -> None:
    run, live = running
    (cell,) = live.running
    assert (live.stage, live.planned, live.done, live.process.pid) == (Stage.RUNNING, 2, 0, run.process.pid)
    assert (cell.backend, cell.backbone, cell.layers, cell.iterations) == ("fake", "fakenet", ("mix1",), 40)
    assert 0 < cell.iteration <= 40 and cell.loss == cell.curve[-1][1] and 5 < cell.per_second < 11
    assert 0 < live.seconds_left < 60
    later = wait_for(lambda: (state := read_live(lab.folder())) and state.done == 1 and state)
    assert later.share == pytest.approx(0.5, abs=0.1)
    assert run.end() == 0
    last = read_live(lab.folder())
    assert (last.stage, last.done, last.failed, last.running, last.seconds_left) == (Stage.FINISHED, 2, 0, (), None)


def test_a_run_that_was_killed_is_not_taken_for_one_that_runs(lab: Any, running: Any) -> None:
    run, _ = running
    run.process.kill()
    run.end()
    said = msgspec.json.decode(lab.folder().live.read_bytes(), type=LiveRun)
    assert said.stage is Stage.RUNNING and said.running
    live = read_live(lab.folder())
    assert (live.stage, live.running, live.planned) == (Stage.INTERRUPTED, (), 2)


def test_a_run_that_was_interrupted_says_so(lab: Any, running: Any) -> None:
    run, _ = running
    run.process.send_signal(signal.SIGINT)
    assert run.end() == 130
    said = msgspec.json.decode(lab.folder().live.read_bytes(), type=LiveRun)
    assert (said.stage, said.running) == (Stage.INTERRUPTED, ())


def test_failures_are_counted(lab: Any) -> None:
    lab.suite([["mix1"], ["step-raise"], ["step-sigkill"]], images=ONE)
    assert lab.run()[0] == 1
    live = read_live(lab.folder())
    assert (live.stage, live.done, live.failed) == (Stage.FINISHED, 3, 2)


def test_one_that_cannot_be_written_is_a_warning(lab: Any) -> None:
    lab.suite([["mix1"], ["mix2"]], images=ONE)
    lab.folder().path.mkdir()
    lab.folder().lock.touch()
    lab.folder().live.mkdir()
    code, errors = lab.run(**SLOW)
    assert code == 0
    assert errors.count("only watching it does not work") == 1
    assert str(lab.folder().live) in errors and "Traceback" not in errors
    assert [row["status"] for row in lab.rows()] == ["ok", "ok"]


def test_a_file_of_another_version_or_none_says_nothing(lab: Any) -> None:
    folder = lab.folder()
    assert read_live(folder) is None
    folder.path.mkdir()
    for text in ('{"schema": 99}', '{"schema": 1}', "[", ""):
        folder.live.write_text(text)
        assert read_live(folder) is None
