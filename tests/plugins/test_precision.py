"""What bf16 costs in exactness, and that no device pretends to a precision it lacks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nstbench.plugin import load_catalogue
from nstbench.testing.parity_job import weights_file

SCRIPT = Path(__file__).with_name("precisions.py")


@pytest.mark.torch
def test_bf16_is_near_float32_but_not_it_and_a_cpu_has_no_tf32(tmp_path: Path) -> None:
    weights = weights_file("keras-imagenet-8bit", "vgg19", load_catalogue())
    out = tmp_path / "found.npz"
    done = subprocess.run([sys.executable, str(SCRIPT), weights, str(out)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    found = np.load(out)
    exact, short = (found[f"{name}/table"][0, :3] for name in ("float32", "bf16"))
    assert found["bf16/table"].dtype == found["bf16/gradient"].dtype == np.float32
    assert 1e-6 < np.abs(short / exact - 1).max() < 0.05
    a, b = (found[f"{name}/gradient"].ravel().astype(np.float64) for name in ("float32", "bf16"))
    assert 0.98 < a @ b / np.linalg.norm(a) / np.linalg.norm(b) < 1 - 1e-9
    assert "needs an NVIDIA GPU" in str(found["tf32"])
    assert str(found["float32/path"]) == "eager, channels last"
