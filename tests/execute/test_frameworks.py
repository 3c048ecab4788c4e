"""The quickstart, cut down, on the real backends: killed in the middle and resumed, it is as if it never happened."""

from __future__ import annotations

import signal
from collections.abc import Callable
from functools import cache
from typing import Any

import psutil
import pytest

TORCH = pytest.param("torch", marks=pytest.mark.torch)
TENSORFLOW = pytest.param("tensorflow", marks=pytest.mark.tensorflow)
JAX = pytest.param("jax", marks=pytest.mark.jax)


def options(backend: str) -> tuple[str, ...]:
    settings = ("iterations=4", "image_size=48", "threads=2", "referee=none", "optimizer.learning_rate=1")
    cut = [word for one in (*settings, "backends=[torch,tensorflow,jax]") for word in ("--set", one)]
    return (*cut, "--only", f"vgg19/{backend}")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, new_lab: Any) -> Callable[[str], Any]:
    """Return what gives a backend's finished run, one cell at a time, that nothing happened to."""

    @cache
    def run(backend: str) -> Any:
        made = new_lab(tmp_path_factory.mktemp(backend))
        assert made.run(*options(backend), suite="quickstart")[0] == 0
        assert {row["batch"] for row in made.rows()} == {"1"}
        return made

    return run


@pytest.mark.parametrize("backend", [TORCH, TENSORFLOW, JAX])
def test_killed_and_resumed_is_bit_for_bit_uninterrupted(lab: Any, whole: Callable[[str], Any], backend: str) -> None:
    run = lab.start(*options(backend), suite="quickstart").done(1)
    below = psutil.Process(run.process.pid).children(recursive=True)
    run.process.kill()
    assert run.end() == -signal.SIGKILL
    assert run.gone(below, 2.0)
    kept = len(run.records())
    assert 1 <= kept < 5
    code, errors = lab.run(*options(backend), suite="quickstart")
    assert (code, f"{kept} done" in errors) == (0, True), errors
    assert lab.stable() == whole(backend).stable()
    assert len(run.records()) == 5
    images = [[one.folder().image(row["cell"]).read_bytes() for row in one.rows()] for one in (lab, whole(backend))]
    assert images[0] == images[1]


@pytest.mark.parametrize("backend", [TORCH, TENSORFLOW])
def test_layer_sets_in_one_batch_are_what_they_are_alone(lab: Any, whole: Callable[[str], Any], backend: str) -> None:
    assert lab.run(*options(backend), "--set", "batch=5", suite="quickstart")[0] == 0
    for row, alone in zip(lab.rows(), whole(backend).rows(), strict=True):
        assert row["cell"] == alone["cell"]
        assert float(row["total"]) == pytest.approx(float(alone["total"]), rel=1e-3)
    assert {row["batch"] for row in lab.rows()} == {"5"}  # their content layer is the deepest of all
