"""Plugins that look on."""

from __future__ import annotations

import json
from typing import Any

ONE = {"content": {"photo": "photo.png"}, "style": {"wave": "wave.png"}}
OBSERVER = """
import json, os
from nstbench import hookimpl

LOG = os.environ["OBSERVED"]


def note(**said):
    with open(LOG, "a") as log:
        log.write(json.dumps(said) + "\\n")


@hookimpl
def nstbench_cell_finished(cell, record, run):
    # The record is on disk by now, and plain data.
    with open(os.path.join(run, "records.jsonl")) as file:
        stored = [json.loads(line)["cell"] for line in file]
    note(cell=cell["style_layers"], status=record["status"], stored=record["cell"] in stored)


@hookimpl
def nstbench_run_finished(run):
    note(run=run, tables=os.path.exists(os.path.join(run, "results.csv")))
"""
RAISING = """
from nstbench import hookimpl


@hookimpl
def nstbench_cell_finished(record):
    raise RuntimeError("no\\nmood")


@hookimpl
def nstbench_run_finished():
    raise SystemExit(4)
"""


def test_an_observer_sees_every_record_and_the_end(lab: Any) -> None:
    lab.install("fake_observer", OBSERVER)
    lab.suite([["mix1"], ["step-sigkill"], ["mix2"]], images=ONE)
    log, run = lab.path / "observed.jsonl", str(lab.folder().path)
    assert lab.run(OBSERVED=str(log))[0] == 1
    *cells, end = [json.loads(line) for line in log.read_text().splitlines()]
    # mix1 may have been lost while it was being written, and have come to its end after the one that was killed.
    assert sorted(cells, key=lambda one: one["cell"]) == [
        {"cell": ["mix1"], "status": "ok", "stored": True},
        {"cell": ["mix2"], "status": "ok", "stored": True},
        {"cell": ["step-sigkill"], "status": "killed", "stored": True},
    ]
    assert end == {"run": run, "tables": True}


def test_an_observer_that_raises_is_a_warning(lab: Any) -> None:
    lab.install("fake_raising", RAISING)
    lab.suite([["mix1"]], images=ONE)
    code, errors = lab.run()
    assert code == 0
    warnings = [line for line in errors.splitlines() if line.startswith("plugin fake_raising")]
    assert warnings == [
        "plugin fake_raising: nstbench_cell_finished: RuntimeError: no mood",
        "plugin fake_raising: nstbench_run_finished: SystemExit: 4",
    ]
    assert [row["status"] for row in lab.rows()] == ["ok"]
