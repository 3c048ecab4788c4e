"""The quickstart, cut down, on a GPU: the same losses as on the CPU, and the device's own peak of memory."""

from __future__ import annotations

from typing import Any

import pytest

from nstbench.measure.device import has_nvidia

CUT = ("--set", "iterations=5", "--set", "image_size=64", "--set", "optimizer.learning_rate=1", "--set", "referee=none")


@pytest.mark.gpu
@pytest.mark.skipif(not has_nvidia(), reason="no NVIDIA GPU on this machine")
@pytest.mark.parametrize("backend", ["torch", "tensorflow"])
def test_a_gpu_gives_the_losses_of_the_cpu(lab: Any, backend: str) -> None:
    options = (*CUT, "--only", f"{backend}/*/5")
    assert lab.run(*options, "--device", "cuda", out="gpu", suite="quickstart")[0] == 0
    assert lab.run(*options, "--device", "cpu", out="cpu", suite="quickstart")[0] == 0
    for gpu, cpu in zip(lab.rows("gpu"), lab.rows("cpu"), strict=True):
        assert (gpu["device"], cpu["device"]) == ("cuda:0", "cpu")
        assert float(gpu["total"]) == pytest.approx(float(cpu["total"]), rel=1e-3)
        assert float(gpu["peak_memory_mb"]) > 0
