"""The graph that a network is cut to: true values, and nothing that no layer needs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.torch
def test_no_layer_is_overwritten() -> None:
    script = Path(__file__).with_name("cutting.py")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
