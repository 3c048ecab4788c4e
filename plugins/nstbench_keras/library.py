"""What every network of ``keras.applications`` is made by: built without random numbers, filled by name, counted.

Imported by workers and commands only.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nstbench.errors import WeightsError
from nstbench.plugin.descriptors import ParameterCounts
from nstbench.weights import WeightSet
from nstbench_keras.any_backend import keras

__all__ = ["constructor", "counted", "filled", "parameters", "stock", "unfilled"]

SHAPE = (None, None, 3)


def constructor(name: str) -> Any:
    """Return the function of ``keras.applications`` that makes the network called ``name``, in small letters."""
    return next(made for spelt, made in vars(keras.applications).items() if spelt.lower() == name and callable(made))


def stock(name: str) -> keras.Model:
    """Return Keras' own model without its classifier; input (batch, height, width, 3)."""
    return constructor(name)(include_top=False, weights=None, input_shape=SHAPE)


def counted(name: str) -> ParameterCounts:
    """Count Keras' own model, classifier included, without allocating it."""
    with keras.StatelessScope(initialize_variables=False):
        model = constructor(name)(weights=None)
    trainable, non_trainable = (
        sum(math.prod(variable.shape) for variable in group)  # of weights: seeds and counters are variables, too
        for group in (model.trainable_weights, model.non_trainable_weights)
    )
    return ParameterCounts(trainable + non_trainable, trainable, non_trainable)


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


def filled(model: keras.Model, weights: WeightSet) -> keras.Model:
    """Put a weight set into a network, in place, and return it frozen.

    Raises ``WeightsError`` if a tensor is missing or does not fit.
    """
    for name, variable in parameters(model):
        if name not in weights.tensors or tuple(weights.tensors[name].shape) != tuple(variable.shape):
            raise WeightsError(
                f"the weights {weights.name} do not fit {weights.backbone}: {name} is missing or misshapen."
            )
        variable.assign(weights.tensors[name])
    for layer in model.layers:
        if isinstance(layer, keras.layers.Normalization):
            layer.finalize_state()  # it has its statistics as variables, and what it computes with beside them
    model.trainable = False
    return model


def parameters(model: keras.Model) -> Iterator[tuple[str, Any]]:
    """Yield (``layer/parameter``, variable) of everything that is a number with a fraction; counters are not."""
    for layer in model.layers:
        for index, variable in enumerate(layer.weights):
            if "float" in str(variable.dtype):
                inside = variable.path.rpartition(f"{layer.name}/")[2]
                # A variable that nobody named (ConvNeXt's layer scale) has a number of the process' in its name.
                yield f"{layer.name}/{re.sub(r'^variable(_[0-9]+)?$', f'variable_{index}', inside)}", variable


def _zeros(shape: tuple[int, ...], dtype: str) -> NDArray[Any]:
    return np.zeros(shape, dtype)
