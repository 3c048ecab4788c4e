"""``rounding_probe``: the first backend of a cell runs it once more, and its times are those of the first run."""

from __future__ import annotations

import os
from pathlib import Path
from time import monotonic
from types import SimpleNamespace
from typing import Any

import pytest

from nstbench.execute.events import CellStarted, Probing, encode
from nstbench.execute.flights import Flights
from nstbench.execute.process import WorkerProcess

TWIN = """
import dataclasses
import nstbench_fake as fake
from nstbench import hookimpl

@hookimpl
def nstbench_backends():
    for info in fake.nstbench_backends():
        yield dataclasses.replace(info, name="twin")

@hookimpl
def nstbench_backbones():
    for info in fake.nstbench_backbones():
        if info.name == "fakenet":
            yield dataclasses.replace(info, backend="twin")
"""


@pytest.fixture
def two(lab: Any) -> Any:
    """A laboratory with a second backend, which computes what the first does."""
    lab.install("twin", TWIN)
    return lab


def spreads(lab: Any, out: str = "run") -> set[str]:
    return {row["rounding_spread"] for row in lab.rows(out)}


def test_the_first_backend_is_probed(two: Any) -> None:
    two.suite([["mix1", "mix3"]], backends=["fake", "twin"], rounding_probe=True, iterations=20)
    code, errors = two.run("--only", "wave", NSTBENCH_FAKE_STEP_S="0.03")
    assert code == 0, errors
    fake, twin = two.rows()
    assert twin["rounding_spread"] == "" and 0 < float(fake["rounding_spread"]) < 1e-3
    assert fake["total"] == twin["total"]  # the probe leaves the result alone
    assert fake["iterations_done"] == "20"
    assert 0.6 <= float(fake["optimise_s"]) < 1.2  # nor is its time the cell's


def test_without_it_and_without_a_second_backend_nothing_is_probed(two: Any) -> None:
    two.suite([["mix1"]], backends=["fake", "twin"])
    assert two.run("--only", "wave")[0] == 0
    assert spreads(two) == {""}
    two.suite([["mix1"]], backends=["fake", "twin"], rounding_probe=True)
    assert set(two.states("--only", "wave/*/twin").values()) == {"done"}
    assert set(two.states("--only", "wave/*/fake").values()) == {"stale"}
    two.suite([["mix1"]], rounding_probe=True)
    assert two.run("--only", "wave", out="alone")[0] == 0
    assert spreads(two, "alone") == {""}


def test_the_timeout_counts_anew() -> None:
    """The cell is done; the second run may take as long as the first."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as stream, os.fdopen(writing, "wb") as said:
        worker = WorkerProcess(None, Path("log"), SimpleNamespace(stdout=stream), Flights(timeout=1.0))
        said.write(encode(CellStarted("a")))
        said.flush()
        assert list(worker.read()) == [CellStarted("a")]
        worker.flights.cells["a"].began -= 100.0
        assert worker.flights.deadline < monotonic()
        said.write(encode(Probing("a")))
        said.flush()
        assert list(worker.read()) == [Probing("a")]
        assert worker.flights.deadline > monotonic()


def test_a_probe_that_fails_costs_nothing(two: Any) -> None:
    two.suite([["step-diverge"]], backends=["fake", "twin"], rounding_probe=True)
    assert two.run("--only", "wave/*/fake")[0] == 1
    (row,) = two.rows()
    assert (row["status"], row["rounding_spread"]) == ("diverged", "")
