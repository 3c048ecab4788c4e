"""The quickstart, cut down, on the real backends: killed in the middle and resumed, it is as if it never happened."""

from __future__ import annotations

import signal
from typing import Any

import psutil
import pytest

CUT = ("--set", "iterations=4", "--set", "image_size=48", "--set", "threads=2", "--set", "referee=none")


@pytest.mark.parametrize(
    "backend",
    [
        pytest.param("torch", marks=pytest.mark.torch),
        pytest.param("tensorflow", marks=pytest.mark.tensorflow),
        pytest.param("jax", marks=pytest.mark.jax),
    ],
)
def test_killed_and_resumed_is_bit_for_bit_uninterrupted(lab: Any, backend: str) -> None:
    options = (*CUT, "--set", "backends=[torch,tensorflow,jax]", "--only", f"vgg19/{backend}")
    assert lab.run(*options, out="whole", suite="quickstart")[0] == 0
    run = lab.start(*options, suite="quickstart").done(1)
    below = psutil.Process(run.process.pid).children(recursive=True)
    run.process.kill()
    assert run.end() == -signal.SIGKILL
    assert run.gone(below, 2.0)
    kept = len(run.records())
    assert 1 <= kept < 5
    code, errors = lab.run(*options, suite="quickstart")
    assert (code, f"{kept} done" in errors) == (0, True), errors
    assert lab.stable() == lab.stable("whole")
    assert len(run.records()) == 5
    images = [[lab.folder(out).image(row["cell"]).read_bytes() for row in lab.rows(out)] for out in ("run", "whole")]
    assert images[0] == images[1]


@pytest.mark.parametrize(
    "backend",
    [pytest.param("torch", marks=pytest.mark.torch), pytest.param("tensorflow", marks=pytest.mark.tensorflow)],
)
def test_layer_sets_in_one_batch_are_what_they_are_alone(lab: Any, backend: str) -> None:
    options = (*CUT, "--set", "optimizer.learning_rate=1", "--only", f"vgg19/{backend}")
    assert lab.run(*options, "--set", "batch=1", out="alone", suite="quickstart")[0] == 0
    assert lab.run(*options, "--set", "batch=5", suite="quickstart")[0] == 0
    for row, alone in zip(lab.rows(), lab.rows("alone"), strict=True):
        assert (row["cell"], alone["batch"]) == (alone["cell"], "1")
        assert float(row["total"]) == pytest.approx(float(alone["total"]), rel=1e-3)
    assert {row["batch"] for row in lab.rows()} == {"5"}  # their content layer is the deepest of all
