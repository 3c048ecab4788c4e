"""Keras' layer names and torchvision's: nodes of the traced graph, and modules that hold parameters."""

from __future__ import annotations

import re

from nstbench.weights.architecture import layers

__all__ = ["modules", "nodes"]

STEM = {"conv1_conv": "conv1", "conv1_bn": "bn1", "conv1_relu": "relu", "pool1_pool": "maxpool"}
BLOCK = {"0_conv": "downsample.0", "0_bn": "downsample.1", "add": "add", "out": "relu_2"} | {
    # One ReLU module is called three times in a block; the trace numbers the calls.
    **{f"{index}_conv": f"conv{index}" for index in (1, 2, 3)},
    **{f"{index}_bn": f"bn{index}" for index in (1, 2, 3)},
    "1_relu": "relu",
    "2_relu": "relu_1",
}


def nodes(backbone: str) -> dict[str, str]:
    """Return ``{canonical layer: node}`` in order of depth, nodes as in ``torchvision.models.feature_extraction``.

    A convolution of VGG19 is the node of its ReLU, because Keras' layer includes the activation.
    """
    if backbone == "vgg19":
        return {name: f"features.{index + (kind == 'conv')}" for name, kind, index in _features()}
    return {layer.name: _resnet50(layer.name) for layer in layers(backbone)}


def modules(backbone: str) -> dict[str, str]:
    """Return ``{canonical layer: module}`` of the layers that have parameters: prefixes of a state dict's keys."""
    if backbone == "vgg19":
        return {name: f"features.{index}" for name, kind, index in _features() if kind == "conv"}
    return {layer.name: _resnet50(layer.name) for layer in layers(backbone) if layer.parameters}


def _features() -> list[tuple[str, str, int]]:
    """Number VGG19's layers as torchvision does, where every ReLU is a module of its own."""
    found: list[tuple[str, str, int]] = []
    index = 0
    for layer in layers("vgg19"):
        found.append((layer.name, layer.kind, index))
        index += 2 if layer.kind == "conv" else 1
    return found


def _resnet50(name: str) -> str:
    match = re.fullmatch(r"conv(\d)_block(\d)_(\w+)", name)
    if match is None:
        return STEM[name]
    stage, block, part = match.groups()
    return f"layer{int(stage) - 1}.{int(block) - 1}.{BLOCK[part]}"
