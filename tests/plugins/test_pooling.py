from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest


@pytest.mark.torch
def test_lean_pooling_is_pytorchs_bit_by_bit(tmp_path: Path) -> None:
    out = tmp_path / "found.npz"
    script = str(Path(__file__).with_name("pooling.py"))
    done = subprocess.run([sys.executable, script, str(out)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    found = np.load(out)
    assert len(found.files) == 16
    for name in {key.partition("/")[0] for key in found.files}:
        for part in "yg":
            np.testing.assert_array_equal(found[f"{name}/lean/{part}"], found[f"{name}/plain/{part}"])
            assert np.abs(found[f"{name}/plain/{part}"]).max() > 0
