"""The two networks of the report as descriptors: what is the same on every backend."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nstbench.plugin.descriptors import BackboneInfo, ParameterCounts
from nstbench.weights.architecture import layer_costs

__all__ = ["reference_backbone"]

_COMMON: dict[str, dict[str, Any]] = {
    "vgg19": {
        "content_layers": ("block5_conv2",),
        "style_layers": ("block1_conv1", "block2_conv1", "block3_conv1", "block4_conv1", "block5_conv1"),
        "weights": ("keras-imagenet", "keras-imagenet-8bit", "torchvision-imagenet1k-v1", "random", "file"),
        "content_weight": 1e5,
        "style_weight": 1e-2,
    },
    "resnet50": {
        "content_layers": ("conv5_block3_3_bn",),
        "style_layers": (
            "conv2_block2_2_bn",
            "conv3_block1_0_bn",
            "conv3_block1_0_conv",
            "conv4_block1_2_bn",
            "conv5_block1_3_bn",
        ),
        "weights": ("keras-imagenet", "torchvision-imagenet1k-v1", "torchvision-imagenet1k-v2", "random", "file"),
        "content_weight": 1.0,
        "style_weight": 1e5,
    },
}
"""The report's layers, with the loss weights that reproduce the magnitudes of its Table 1."""


def reference_backbone(
    name: str,
    *,
    backend: str,
    target: str,
    requires: tuple[str, ...],
    layers: Mapping[str, str],
    parameters: ParameterCounts,
) -> BackboneInfo:
    """Return the descriptor of ``vgg19`` or ``resnet50`` on one backend."""
    return BackboneInfo(
        name,
        target,
        requires=requires,
        backend=backend,
        layers=layers,
        parameters=parameters,
        costs=layer_costs(name),
        **_COMMON[name],
    )
