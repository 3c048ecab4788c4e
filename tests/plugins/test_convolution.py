"""Both ways of computing a convolution give Keras' own, and its gradient; what cannot be turned round is left alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

SCRIPT = Path(__file__).with_name("convolutions.py")
TURNED = {"3x3", "5x3", "relu"}
LEFT = {"1x1", "4x4", "stride", "valid", "dilated", "groups"}


@pytest.mark.tensorflow
def test_either_kernel_gives_the_convolution_and_its_gradient(tmp_path: Path) -> None:
    out = tmp_path / "found.npz"
    done = subprocess.run([sys.executable, str(SCRIPT), str(out)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    found = np.load(out)
    for layer in TURNED | LEFT:
        for way in ("onednn", "eigen"):
            assert bool(found[f"{layer}/{way}/changed"]) == (layer in TURNED), layer
            for part in "yg":
                made, plain = found[f"{layer}/{way}/{part}"]
                assert np.abs(plain).max() > 0.1
                np.testing.assert_allclose(made, plain, rtol=1e-5, atol=2e-6, err_msg=f"{layer} {way} {part}")
