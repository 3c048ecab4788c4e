"""A cell's files are written while the next is computed: at most one behind, and nothing is lost by it for good."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nstbench.execute.events import CellEnded, CellStarted, Computed, Event, Progress, decode

ONE = {"content": {"photo": "photo.png"}, "style": {"wave": "wave.png"}}
IN_WRITER = """

import os, signal, time
import nstbench.execute.outputs as outputs

ssim, written = outputs.ssim, []

def disturbed(*pictures):
    written.append(None)
    {action}
    return ssim(*pictures)

outputs.ssim = disturbed
"""
"""Added to the backend's module: something that happens whenever a cell is written."""


def disturb(own_fake: Path, action: str) -> None:
    with (own_fake / "nstbench_fake" / "backend.py").open("a") as file:
        file.write(IN_WRITER.format(action=action))


def attempts(lab: Any, out: str = "run") -> int:
    """Return how often any cell was begun, in all workers of the run."""
    return sum(len(re.findall("^fake: batch of", log.read_text(), re.M)) for log in lab.folder(out).logs.glob("*.log"))


def events_of(lab: Any) -> list[Event]:
    """Run the job of a finished run once more; return what its worker says."""
    (job,) = lab.folder().logs.glob("*.json")
    out = lab.path / "events"
    command = [sys.executable, "-m", "nstbench.execute.worker", str(job), str(out)]
    with subprocess.Popen(command, env=os.environ | lab.environment, stdin=subprocess.PIPE) as worker:
        assert worker.wait(timeout=60) == 0
    return [event for line in out.read_bytes().splitlines() if (event := decode(line)) is not None]


def test_the_next_cell_is_computed_while_one_is_written(lab: Any, own_fake: Path) -> None:
    lab.suite([["mix1"], ["mix2"], ["mix1", "mix2"], ["mix4"]], images=ONE)
    disturb(own_fake, "time.sleep(0.4)")
    assert lab.run()[0] == 0
    cells = [row["cell"] for row in lab.rows()]
    events = events_of(lab)
    place = {(type(event), event.cell): i for i, event in enumerate(events) if not isinstance(event, Progress)}
    for before, after in itertools.pairwise(cells):
        assert place[CellStarted, after] < place[CellEnded, before] < place[CellEnded, after]
        assert place[Computed, before] < place[CellStarted, after]
    for before, after in zip(cells, cells[2:], strict=False):  # at most one is behind
        assert place[CellEnded, before] < place[CellStarted, after]
    middle = events[place[Computed, cells[0]] : place[CellEnded, cells[0]]]
    assert any(isinstance(event, Progress) and event.cell == cells[1] for event in middle)


def test_a_cell_ends_when_its_files_are_there(lab: Any, own_fake: Path) -> None:
    """At the moment a worker says so: it is asked in the middle of the next cell's writing."""
    lab.suite([["mix1"], ["mix2"], ["mix4"]], images=ONE)
    disturb(own_fake, "time.sleep(600 if len(written) == 2 else 0)")
    run = lab.start().done(1)
    (record,) = run.records()
    names = sorted(path.name for path in lab.folder().cell(record.cell).iterdir())
    assert names == ["image.png", "image_best.png", "trace.csv"]
    run.process.kill()


def test_a_crash_in_the_next_cell_does_not_cost_the_one_being_written(lab: Any, own_fake: Path) -> None:
    lab.suite([["mix1"], ["step-segfault"], ["step-sigkill"], ["mix4"]], images=ONE)
    disturb(own_fake, "time.sleep(0.3)")
    assert lab.run(NSTBENCH_FAKE_TELL="1")[0] == 1
    assert [(row["status"], row["attempt"]) for row in lab.rows()] == [
        ("ok", "1"), ("crashed", "1"), ("killed", "1"), ("ok", "1")
    ]  # fmt: skip
    # mix1 runs once more, and is then written before the next that crashes begins.
    assert attempts(lab) == 2 + 1 + 1 + 1
    assert lab.run("--only", "*/1", out="alone")[0] == 0
    assert lab.stable("alone")[0] == next(row for row in lab.stable() if row["layer_set"] == "1")


def test_a_worker_that_always_dies_while_writing_costs_that_cell(lab: Any, own_fake: Path) -> None:
    lab.suite([["mix1"], ["mix2"], ["mix4"]], images=ONE, iterations=3)
    disturb(own_fake, "os.kill(os.getpid(), signal.SIGKILL)")
    code, errors = lab.run("--only", "*/1", NSTBENCH_FAKE_TELL="1")
    assert code == 1, errors
    (row,) = lab.rows()
    assert (row["status"], attempts(lab)) == ("killed", 2)


def test_writing_that_hangs_costs_its_own_cell(lab: Any, own_fake: Path) -> None:
    lab.suite([["mix1"], ["mix2"], ["mix4"]], images=ONE, iterations=3, timeout=2)
    disturb(own_fake, "pictures[0].mean() > 0 and len(written) == 1 and time.sleep(600)")
    code, errors = lab.run("--only", "*/1,*/2", NSTBENCH_FAKE_TELL="1")
    assert code == 1, errors
    # The first to be written hangs in every process: each cell in turn, twice.
    assert [row["status"] for row in lab.rows()] == ["timeout", "timeout"]
    assert attempts(lab) <= 6


def test_a_failing_write_is_a_failed_cell(lab: Any, own_fake: Path) -> None:
    lab.suite([["mix1"], ["mix2"], ["mix4"]], images=ONE)
    disturb(own_fake, "1 / (len(written) - 2)")
    assert lab.run()[0] == 1
    assert [row["status"] for row in lab.rows()] == ["ok", "error", "ok"]
    assert "ZeroDivisionError" in lab.rows()[1]["reason"]


def test_what_is_written_beside_a_cell_is_not_its_memory(lab: Any, own_fake: Path) -> None:
    lab.suite([["mix1"], ["mix2"]], images=ONE, iterations=30)
    disturb(own_fake, "block = bytearray(300 << 20); block[::4096] = b'x' * len(block[::4096]); time.sleep(0.3)")
    assert lab.run(NSTBENCH_FAKE_STEP_S="0.05")[0] == 0
    first, second = (float(row["peak_memory_mb"]) for row in lab.rows())
    assert abs(first - second) < 100


@pytest.mark.parametrize("cells", [1, 3])
def test_every_second_of_a_worker_is_some_cells(lab: Any, own_fake: Path, cells: int) -> None:
    """The last cell's writing, which nothing hides, and the waiting for a writer that is slower than the steps."""
    lab.suite([["mix1"], ["mix2"], ["mix4"]][:cells], images=ONE, iterations=1)
    disturb(own_fake, "time.sleep(2)")
    assert lab.run()[0] == 0
    elapsed = [float(row["elapsed_s"]) for row in lab.rows()]
    # Less would be writing that is nobody's, twice as much writing that is counted for two cells.
    assert 2 * cells <= sum(elapsed) < 4 * cells
    assert elapsed[-1] > 2
