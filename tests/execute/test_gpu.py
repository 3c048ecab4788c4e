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


@pytest.mark.gpu
@pytest.mark.skipif(not has_nvidia(), reason="no NVIDIA GPU on this machine")
@pytest.mark.parametrize(("backend", "precision"), [("torch", "tf32"), ("torch", "bf16"), ("tensorflow", "tf32")])
def test_a_shortened_precision_is_near_and_recorded(lab: Any, backend: str, precision: str) -> None:
    options = (*CUT, "--only", f"{backend}/*/5", "--device", "cuda")
    assert lab.run(*options, "--set", f"precision={precision}", out="short", suite="quickstart")[0] == 0
    assert lab.run(*options, out="exact", suite="quickstart")[0] == 0
    paths = {"torch": "CUDA graph, channels last, cuDNN's fastest", "tensorflow": "tf.function, cuDNN"}
    for short, exact in zip(lab.rows("short"), lab.rows("exact"), strict=True):
        assert (short["step_path"], short["precision"]) == (paths[backend], precision)
        assert float(short["total"]) == pytest.approx(float(exact["total"]), rel=0.05)
        assert short["total"] != exact["total"]
