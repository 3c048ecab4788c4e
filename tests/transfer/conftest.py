"""What ``on_backend.py`` writes, once per framework and in processes of their own; and a session without a network."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nstbench.plugin import load_catalogue
from nstbench.transfer.adam import AdamState, adam_step
from nstbench.transfer.namespace import NumpyNamespace

PROGRAM = Path(__file__).with_name("on_backend.py")


@pytest.fixture(scope="session")
def on_backend(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., dict[str, np.ndarray]]:
    """Return what a program writes (``on_backend.py`` if none is given) for ``numpy`` or a backend."""
    folder = tmp_path_factory.mktemp("on_backend")

    @cache
    def run(name: str, program: Path = PROGRAM) -> dict[str, np.ndarray]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("NSTBENCH_CACHE_DIR", str(folder / "cache"))
            command = [sys.executable, str(program), name, str(folder / f"{program.stem}-{name}.npz")]
            if name != "numpy":
                from nstbench.testing.parity_job import weights_file

                command.append(weights_file("keras-imagenet-8bit", "vgg19", load_catalogue()))
            done = subprocess.run(command, capture_output=True, text=True, env=os.environ)
        assert done.returncode == 0, done.stderr[-3000:]
        with np.load(command[3]) as arrays:
            return dict(arrays)

    return run


class Fake:
    """A session whose total is any function of the image (1, H, W, 3) that comes with its gradient."""

    def __init__(self, function: Callable[[np.ndarray], tuple[float, np.ndarray]]) -> None:
        self.function = function
        self.evaluated: list[np.ndarray] = []

    def value_and_gradient(self, image: np.ndarray, targets: Any, weights: Any) -> tuple[np.ndarray, np.ndarray]:
        self.evaluated.append(image.copy())
        value, gradient = self.function(image)
        return np.array([[value, value * 0.75, value * 0.25]]), gradient

    def begin(self, image: np.ndarray) -> AdamState:
        start = np.asarray(image, dtype=np.float64)
        return AdamState(start, np.zeros_like(start), np.zeros_like(start), start, np.full(1, np.inf))

    def advance(
        self, state: AdamState, targets: Any, weights: Any, schedule: np.ndarray
    ) -> tuple[AdamState, np.ndarray]:
        tables = []
        for row in schedule:
            table, gradient = self.value_and_gradient(state.image, targets, weights)
            state = adam_step(NumpyNamespace(), state, table[:, 0], gradient, row)
            tables.append(table)
        return state, np.stack(tables)

    def image(self, state: AdamState) -> np.ndarray:
        return state.image

    def best(self, state: AdamState) -> np.ndarray:
        return state.best_image


@pytest.fixture
def fake() -> type[Fake]:
    return Fake


@pytest.fixture
def bowl() -> Callable[[np.ndarray], tuple[float, np.ndarray]]:
    """A quadratic over (1, 4, 5, 3), part of whose minimum lies outside 0-255."""
    random = np.random.default_rng(0)
    middle, curvature = random.uniform(-200, 450, (1, 4, 5, 3)), 10 ** random.uniform(-2, 2, (1, 4, 5, 3))

    def function(image: np.ndarray) -> tuple[float, np.ndarray]:
        difference = image - middle
        return float(np.sum(curvature * difference**2)) + 5.0, 2 * curvature * difference

    return function
