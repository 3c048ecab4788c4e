"""The JAX backend: its precision, its threads, its memory, and what it does without."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nstbench.plugin import load_catalogue

PROGRAM = Path(__file__).with_name("jax_backend.py")
REFUSED = """
import json, sys
from nstbench.errors import PluginError
from nstbench_jax.backend import JaxBackend
for device, precision in json.loads(sys.argv[1]):
    try:
        JaxBackend().configure(device=device, threads=1, precision=precision)
    except PluginError as error:
        print(error)
"""
REFUSALS = {
    ("cuda:77", "float32"): r"JAX [0-9.]+ sees no device 'cuda:77' here; use --device cpu.",
    ("cpu", "tf32"): "cpu has no TF32, which needs an NVIDIA GPU from Ampere on; use precision float32.",
    ("cpu", "bf16"): "JAX has no precision 'bf16' here, only float32, float64 and tf32.",
}


def run(*command: str) -> str:
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "Warning" not in done.stderr
    return done.stdout.strip()


@pytest.mark.jax
@pytest.mark.parametrize(("precision", "threads"), [("float32", 1), ("float64", 3)])
def test_what_is_asked_for_is_what_computes(precision: str, threads: int) -> None:
    """Keras itself would compute float64 as float32 on JAX, and would import TensorFlow to copy a layer."""
    found = json.loads(run(str(PROGRAM), precision, str(threads)))
    assert found["types"] == [precision]
    assert found["formula"] == ["float64"], "the precision of a formula is that of the features"
    if precision == "float64":
        assert found["apart"] < 1e-6
    assert found["threads"] == threads
    assert found["imported"] == ["jax", "keras"]
    assert (found["path"], found["memory"], found["devices"]["cpu"]) == ("jax.jit", None, "CPU")


@pytest.mark.jax
def test_what_there_is_not_is_one_sentence() -> None:
    lines = run("-c", REFUSED, json.dumps([*REFUSALS])).splitlines()
    for message, line in zip(REFUSALS.values(), lines, strict=True):
        assert re.fullmatch(message, line)


def test_a_peak_that_is_not_above_the_last_is_not_known() -> None:
    from nstbench_jax.memory import JaxMemory

    class Device:
        peak = 0

        def memory_stats(self) -> dict[str, int] | None:
            return {"peak_bytes_in_use": self.peak} if self.peak else None

    device = Device()
    memory = JaxMemory(device)
    memory.reset()
    device.peak = 3 << 20
    assert memory.peak_mb() == 3.0
    memory.reset()
    assert memory.peak_mb() is None
    device.peak = 5 << 20
    assert memory.peak_mb() == 5.0


def test_weights_of_keras_are_known_without_tensorflows_plugin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NSTBENCH_DISABLE_PLUGINS", "tensorflow")
    catalogue: Any = load_catalogue()
    assert "tensorflow" not in catalogue.backends
    info = catalogue.backbones["jax", "vgg19"]
    assert "keras-imagenet" in catalogue.weights and "keras-imagenet" in info.weights
    assert "tensorflow" not in info.requires
