"""A layer table that does not fit its network is refused with the name, and what to do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("misfits.py")


def said(backend: str) -> dict[str, str]:
    done = subprocess.run([sys.executable, str(SCRIPT), backend], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return dict(line.split(": ", 1) for line in done.stdout.splitlines())


@pytest.mark.torch
def test_on_torch() -> None:
    found = said("torch")
    assert found["fits"] == "(1, 36, 4)" and found["module"] == "(1, 36, 4)"
    assert "nothing called '0.0x'" in found["no such"] and "did you mean '0.0'?" in found["no such"]
    assert "layer 'deep' ('2' in the network) is (1, 2), no map" in found["no map"]
    assert "cannot trace" in found["branches"] and "torch.fx.wrap" in found["branches"]


@pytest.mark.tensorflow
def test_on_tensorflow() -> None:
    found = said("tensorflow")
    assert found["fits"] == "(1, 36, 4)"
    assert "nothing called 'convx'" in found["no such"] and "did you mean 'conv'?" in found["no such"]
    assert "layer 'deep' ('top' in the network) is (None, 2), no map" in found["no map"]
