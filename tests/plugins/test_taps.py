"""With the same weights the frameworks compute the same network: every layer, both variants, true values.

VGG19 and the weights that ``random:<seed>`` draws are compared by the parity of the backends.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

TAPS = Path(__file__).with_name("taps.py")
VARIANTS = {"torch": ("keras", "torchvision"), "tensorflow": ("keras", "torchvision"), "jax": ("torchvision",)}
"""Those that a framework is asked for. JAX has the same layers of Keras."""
Arrays = dict[str, np.ndarray]
Taps = Callable[[str, str], Arrays]


@pytest.fixture(scope="module")
def taps(tmp_path_factory: pytest.TempPathFactory, canonical: Callable[[str, str], Path]) -> Taps:
    """Return every layer of ResNet50 on a framework, by variant; one process for all variants of a framework."""
    folder = tmp_path_factory.mktemp("taps")

    @cache
    def run(framework: str) -> dict[str, Arrays]:
        files = {one: (canonical("resnet50", one), folder / f"{framework}-{one}.npz") for one in VARIANTS[framework]}
        paths = [str(path) for pair in files.values() for path in pair]
        command = [sys.executable, str(TAPS), framework, "resnet50", *paths]
        done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"})
        assert done.returncode == 0, done.stderr[-3000:]
        found = {}
        for variant, (_, out) in files.items():
            with np.load(out) as arrays:
                found[variant] = dict(arrays)
        return found

    return lambda framework, variant: run(framework)[variant]


@pytest.mark.torch
@pytest.mark.parametrize(
    ("other", "variant"),
    [
        pytest.param(other, one, marks=getattr(pytest.mark, other))
        for other in ("tensorflow", "jax")
        for one in VARIANTS[other]
    ],
)
def test_every_layer_agrees(other: str, variant: str, taps: Taps) -> None:
    torch, theirs = taps("torch", variant), taps(other, variant)
    assert list(torch) == list(theirs) and len(torch) == 172
    apart = {}
    for layer in torch:
        assert torch[layer].shape == theirs[layer].shape, layer
        apart[layer] = float(np.linalg.norm(torch[layer] - theirs[layer]) / np.linalg.norm(theirs[layer]))
        # A tap that shares its memory with the ReLU above it would have lost its negative values.
        assert (torch[layer].min() < 0) == layer.endswith(("_bn", "_conv", "_add")), layer
    worst = max(apart, key=lambda layer: apart[layer])
    print(f"{other} {variant}: worst {worst} {apart[worst]:.2e}")
    assert apart[worst] < 1e-5


@pytest.mark.torch
def test_the_variants_differ_where_they_should(taps: Taps) -> None:
    shapes = {one: {layer: values.shape for layer, values in taps("torch", one).items()} for one in VARIANTS["torch"]}
    differ = {layer for layer, shape in shapes["keras"].items() if shapes["torchvision"][layer] != shape}
    assert differ == {f"conv{stage}_block1_1_{kind}" for stage in (3, 4, 5) for kind in ("conv", "bn", "relu")}
