from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from nstbench.plugin.descriptors import BackboneInfo, BackendInfo, LossInfo, Preprocessing, WeightsInfo
from nstbench.suite import Suite, parse_suite

BASE = """\
name: small
images:
  content: {astronaut: "skimage:astronaut"}
  style: {ihc: "skimage:immunohistochemistry"}
backends: [torch, tensorflow]
backbones:
  vgg19:
    weights: keras-imagenet-8bit
    content_layers: [block5_conv2]
    style_layers: [block1_conv1, block2_conv1]
    content_weight: 1e5
    style_weight: 1.0e-2
"""

VGG19 = tuple(
    f"block{block}_conv{conv}" for block, convs in enumerate((2, 2, 4, 4, 4), start=1) for conv in range(1, convs + 1)
)
RESNET50 = (
    "conv2_block2_2_bn",
    "conv3_block1_0_conv",
    "conv3_block1_0_bn",
    "conv4_block1_2_bn",
    "conv5_block1_3_bn",
    "conv5_block3_3_bn",
)


@dataclass
class StubCatalogue:
    backends: dict[str, BackendInfo] = field(default_factory=dict)
    backbones: dict[tuple[str, str], BackboneInfo] = field(default_factory=dict)
    weights: dict[str, WeightsInfo] = field(default_factory=dict)
    losses: dict[tuple[str, str], LossInfo] = field(default_factory=dict)
    problems: list[object] = field(default_factory=list)


def _backbone(backend: str, name: str, layers: tuple[str, ...], weights: tuple[str, ...]) -> BackboneInfo:
    return BackboneInfo(
        name,
        "x:y",
        backend=backend,
        layers={layer: layer for layer in layers},
        content_layers=layers[-1:],
        style_layers=layers[:3],
        weights=(*weights, "random", "file"),
        content_weight=2,
        style_weight=3,
    )


@pytest.fixture
def catalogue() -> StubCatalogue:
    stub = StubCatalogue()
    for backend in ("torch", "tensorflow"):
        stub.backends[backend] = BackendInfo(backend, "x:y")
        stub.backbones[backend, "vgg19"] = _backbone(backend, "vgg19", VGG19, ("keras-imagenet", "keras-imagenet-8bit"))
        stub.backbones[backend, "resnet50"] = _backbone(backend, "resnet50", RESNET50, ("keras-imagenet",))
    plain = Preprocessing("RGB", (0, 0, 0))
    for name in ("keras-imagenet", "keras-imagenet-8bit", "torchvision-imagenet1k-v1"):
        stub.weights[name] = WeightsInfo(name, "x:y", files={}, architecture="keras", preprocessing=plain)
    for role, names in (("style", ("gatys", "mean", "normalised")), ("content", ("sum", "half_sum", "mean"))):
        for name in names:
            stub.losses[role, name] = LossInfo(name, "x:y", role=role, source="")  # type: ignore[arg-type]
    return stub


@pytest.fixture
def base() -> str:
    return BASE


@pytest.fixture
def suite() -> Callable[..., Suite]:
    """Return a function from an addition to the small suite (and overrides) to the checked suite."""

    def make(extra: str = "", overrides: Sequence[str] = (), text: str = BASE) -> Suite:
        return parse_suite(text + extra, Path("x.yaml"), overrides)

    return make
