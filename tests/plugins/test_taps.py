"""With the same weights both frameworks compute the same network: every layer, both variants, true values."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from nstbench_torch.backbones import WEIGHTS

from nstbench.weights import canonicalise, locate, weights_info

TAPS = Path(__file__).with_name("taps.py")
CASES = [
    ("vgg19", "keras-imagenet-8bit"),
    ("resnet50", "random:0"),
    ("resnet50", "generated:keras"),
    ("resnet50", "generated:torchvision"),
]


def weights_path(backbone: str, name: str, canonical: Callable[[str, str], Path]) -> Path:
    if name.startswith("generated:"):
        return canonical(backbone, name.partition(":")[2])
    info = weights_info(name, {one.name: one for one in WEIGHTS}, backbone)
    return canonicalise(locate(info, backbone), info, backbone)[0]


@pytest.mark.torch
@pytest.mark.parametrize(
    ("other", "backbone", "name"),
    [
        *(pytest.param("tensorflow", *case, marks=pytest.mark.tensorflow) for case in CASES),
        # The same layers of Keras: what is its own is tested by the parity of the backends, but for this variant.
        pytest.param("jax", *CASES[-1], marks=pytest.mark.jax),
    ],
)
def test_every_layer_agrees(
    tmp_path: Path, other: str, backbone: str, name: str, canonical: Callable[[str, str], Path]
) -> None:
    path = weights_path(backbone, name, canonical)
    found = {}
    for framework in ("torch", other):
        out = tmp_path / f"{framework}.npz"
        command = [sys.executable, str(TAPS), framework, backbone, str(path), str(out)]
        done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"})
        assert done.returncode == 0, done.stderr[-3000:]
        found[framework] = np.load(out)
    torch, theirs = found["torch"], found[other]
    assert torch.files == theirs.files and len(torch.files) == {"vgg19": 21, "resnet50": 172}[backbone]
    apart = {}
    for layer in torch.files:
        assert torch[layer].shape == theirs[layer].shape, layer
        apart[layer] = float(np.linalg.norm(torch[layer] - theirs[layer]) / np.linalg.norm(theirs[layer]))
        # A tap that shares its memory with the ReLU above it would have lost its negative values.
        assert (torch[layer].min() < 0) == layer.endswith(("_bn", "_conv", "_add")), layer
    worst = max(apart, key=lambda layer: apart[layer])
    print(f"{other} {backbone} {name}: worst {worst} {apart[worst]:.2e}")
    assert apart[worst] < 1e-5


@pytest.mark.torch
def test_the_variants_differ_where_they_should(tmp_path: Path, canonical: Callable[[str, str], Path]) -> None:
    shapes = {}
    for architecture in ("keras", "torchvision"):
        out = tmp_path / f"{architecture}.npz"
        command = [sys.executable, str(TAPS), "torch", "resnet50", str(canonical("resnet50", architecture)), str(out)]
        subprocess.run(command, check=True, capture_output=True)
        found = np.load(out)
        shapes[architecture] = {layer: found[layer].shape for layer in found.files}
    differ = {layer for layer, shape in shapes["keras"].items() if shapes["torchvision"][layer] != shape}
    assert differ == {f"conv{stage}_block1_1_{kind}" for stage in (3, 4, 5) for kind in ("conv", "bn", "relu")}
