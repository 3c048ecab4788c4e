"""Winograd's convolutions are the direct ones, a few roundings apart; and a network of them stays within parity."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nstbench.plugin import load_catalogue
from nstbench.testing.parity_job import weights_file

SCRIPT = Path(__file__).with_name("winograd.py")
pytestmark = pytest.mark.torch


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, np.ndarray]:
    out = tmp_path_factory.mktemp("winograd") / "found.npz"
    weights = weights_file("keras-imagenet-8bit", "vgg19", load_catalogue())
    done = subprocess.run([sys.executable, str(SCRIPT), weights, str(out)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return dict(np.load(out))


def apart(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.linalg.norm(a.astype(np.float64) - b) / np.linalg.norm(b))


def test_the_algorithm_is_exact(found: dict[str, np.ndarray]) -> None:
    np.testing.assert_allclose(found["tile/made"], found["tile/direct"], rtol=1e-12, atol=1e-12)


def test_layers_and_their_gradients_in_float32(found: dict[str, np.ndarray]) -> None:
    shapes = {key.partition("/")[0] for key in found if key.endswith("wino/y")}
    assert len(shapes) == 5
    for shape in shapes:
        for part in "yg":
            assert apart(found[f"{shape}/wino/{part}"], found[f"{shape}/exact/{part}"]) < 3e-6, shape


def test_a_network_stays_within_the_bounds_of_parity(found: dict[str, np.ndarray]) -> None:
    assert str(found["winograd/path"]) == "eager, channels last, Winograd"
    assert not np.array_equal(found["winograd/deepest"], found["float32/deepest"])
    assert apart(found["winograd/deepest"], found["float64/deepest"]) < 1e-5
    assert apart(found["winograd/table"], found["float64/table"]) < 1e-5
    assert apart(found["winograd/gradient"], found["float64/gradient"]) < 2e-3
