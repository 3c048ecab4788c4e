"""VGG19 and ResNet50 of ``keras.applications``, filled by name; imported by workers only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from nstbench.errors import WeightsError
from nstbench.plugin.descriptors import ParameterCounts
from nstbench.weights.weight_set import WeightSet

__all__ = ["build_resnet50", "build_vgg19", "count_parameters", "unfilled"]

STOCK = {"vgg19": keras.applications.VGG19, "resnet50": keras.applications.ResNet50}
SHAPE = (None, None, 3)
DOWN = tuple(f"conv{stage}_block1" for stage in (3, 4, 5))
"""The blocks of ResNet50 that halve the resolution."""


def build_vgg19(weights: WeightSet) -> keras.Model:
    """Return VGG19 without its classifier, frozen; input (batch, height, width, 3), already preprocessed.

    Raises ``WeightsError`` if a tensor is missing or does not fit.
    """
    return _filled(unfilled(lambda: _stock("vgg19")), weights)


def build_resnet50(weights: WeightSet) -> keras.Model:
    """Return ResNet50 without its classifier, frozen, in the variant the weights belong to.

    Input (batch, height, width, 3), already preprocessed. Raises ``WeightsError`` if a tensor is missing or does not
    fit, or if the variant is unknown.
    """
    if weights.architecture == "keras":
        return _filled(unfilled(lambda: _stock("resnet50")), weights)
    if weights.architecture != "torchvision":
        raise WeightsError(f"resnet50 has no architecture {weights.architecture!r}, only 'keras' and 'torchvision'.")
    return _filled(unfilled(lambda: _stock("resnet50"), _version_1_5, _padded), weights)


def unfilled(
    build: Callable[[], keras.Model],
    change: Callable[[Any, dict[str, Any]], None] | None = None,
    call: Callable[..., Any] | None = None,
) -> keras.Model:
    """Return the model that ``build`` returns, all of its parameters 0: no random numbers that would be overwritten.

    JAX compiles a program for each shape of them: twelve seconds for VGG19. ``change`` may change the settings of a
    layer, ``call`` is how a layer is applied (see ``keras.models.clone_model``).
    """

    def copied(layer: Any) -> Any:
        config = layer.get_config()
        config |= {name: _zeros for name in config if name.endswith("_initializer")}
        if change is not None:
            change(layer, config)
        return type(layer).from_config(config)

    with keras.StatelessScope(initialize_variables=False):
        model = build()
    return keras.models.clone_model(model, clone_function=copied, call_function=call)


def count_parameters(backbone: str) -> ParameterCounts | None:
    """Count Keras' own model, classifier included, without allocating it.

    None for a network that the library is not known to have.
    """
    if backbone not in STOCK:
        return None
    with keras.StatelessScope(initialize_variables=False):
        model = STOCK[backbone](weights=None)
    non_trainable = sum(_size(variable) for variable in model.non_trainable_variables)
    trainable = sum(_size(variable) for variable in model.trainable_variables)
    return ParameterCounts(trainable + non_trainable, trainable, non_trainable)


def _stock(backbone: str) -> keras.Model:
    return STOCK[backbone](include_top=False, weights=None, input_shape=SHAPE)


def _zeros(shape: tuple[int, ...], dtype: str) -> NDArray[Any]:
    return np.zeros(shape, dtype)


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


def _filled(model: Any, weights: WeightSet) -> Any:
    for layer in model.layers:
        for variable in layer.weights:
            name = f"{layer.name}/{variable.name}"
            if name not in weights.tensors or tuple(weights.tensors[name].shape) != tuple(variable.shape):
                raise WeightsError(
                    f"the weights {weights.name} do not fit {model.name}: {name} is missing or misshapen."
                )
            variable.assign(weights.tensors[name])
    model.trainable = False
    return model


def _size(variable: Any) -> int:
    size = 1
    for length in variable.shape:
        size *= int(length)
    return size
