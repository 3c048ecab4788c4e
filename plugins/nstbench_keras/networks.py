"""VGG19 and ResNet50 of ``keras.applications``, filled by name; imported by workers only."""

from __future__ import annotations

from typing import Any

from nstbench.errors import WeightsError
from nstbench.plugin.descriptors import ParameterCounts
from nstbench.weights import WeightSet
from nstbench.weights.architecture import NETWORKS
from nstbench_keras.any_backend import keras
from nstbench_keras.library import counted, filled, stock, unfilled

__all__ = ["build_resnet50", "build_vgg19", "count_parameters"]

DOWN = tuple(f"conv{stage}_block1" for stage in (3, 4, 5))
"""The blocks of ResNet50 that halve the resolution."""


def build_vgg19(weights: WeightSet) -> keras.Model:
    """Return VGG19 without its classifier, frozen; input (batch, height, width, 3), already preprocessed.

    Raises ``WeightsError`` if a tensor is missing or does not fit.
    """
    return filled(unfilled(lambda: stock("vgg19")), weights)


def build_resnet50(weights: WeightSet) -> keras.Model:
    """Return ResNet50 without its classifier, frozen, in the variant the weights belong to.

    Input (batch, height, width, 3), already preprocessed. Raises ``WeightsError`` if a tensor is missing or does not
    fit, or if the variant is unknown.
    """
    if weights.architecture == "keras":
        return filled(unfilled(lambda: stock("resnet50")), weights)
    if weights.architecture != "torchvision":
        raise WeightsError(f"resnet50 has no architecture {weights.architecture!r}, only 'keras' and 'torchvision'.")
    return filled(unfilled(lambda: stock("resnet50"), _version_1_5, _padded), weights)


def count_parameters(backbone: str) -> ParameterCounts | None:
    """Count Keras' own model, classifier included, without allocating it.

    None for a network that the library is not known to have.
    """
    return counted(backbone) if backbone in NETWORKS else None


def _version_1_5(layer: Any, config: dict[str, Any]) -> None:
    """Make a layer of Keras' ResNet50 torchvision's: the 3x3 goes down, no biases, another epsilon."""
    if isinstance(layer, keras.layers.Conv2D):
        config["use_bias"] = False
    if isinstance(layer, keras.layers.BatchNormalization):
        config["epsilon"] = 1e-5
    if layer.name in {f"{block}_1_conv" for block in DOWN}:
        config["strides"] = (1, 1)
    if _goes_down(layer):
        config.update(strides=(2, 2), padding="valid")


def _padded(layer: Any, *args: Any, **kwargs: Any) -> Any:
    """Pad by one pixel on every side, as torchvision does; Keras' ``same`` at stride 2 pads right and below only."""
    if not _goes_down(layer):
        return layer(*args, **kwargs)
    return layer(keras.layers.ZeroPadding2D(1, name=f"{layer.name}_pad")(args[0]), *args[1:], **kwargs)


def _goes_down(layer: Any) -> bool:
    return layer.name in {f"{block}_2_conv" for block in DOWN}
