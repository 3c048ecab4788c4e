"""The networks of ``keras:<name>``, built by Keras and filled by name; imported by workers and commands only."""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from nstbench.errors import WeightsError
from nstbench.weights import Initial, WeightSet
from nstbench.weights.random import BRANCH_GAMMA
from nstbench_keras.any_backend import keras
from nstbench_keras.graph import branch_ends
from nstbench_keras.library import filled, parameters, stock, unfilled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["build", "named_anew", "read", "tensors"]

AS_MADE = {"gamma": 1.0, "moving_variance": 1.0, "variance": 1.0}
"""What parameters that are not drawn start as; all others start as 0."""
EFFICIENTNET_STD = (0.229, 0.224, 0.225)
"""Keras' EfficientNets (not V2), if trained, divide their normalised input by the square root of this, again."""


def build(weights: WeightSet) -> keras.Model:
    """Return the network that the weights belong to, without its classifier; input (batch, height, width, 3).

    Raises ``WeightsError`` if a tensor is missing or does not fit.
    """
    return filled(named_anew(weights.backbone.partition(":")[2]), weights)


def tensors(backbone: str) -> dict[str, Initial]:
    """Return how ``random:<seed>`` makes each tensor of the network; see ``BackboneInfo.tensors``.

    Kernels are drawn with the variance 2 / fan_in (He et al. 2015, equation 10); a residual branch ends at a quarter of
    the scale, as in ``nstbench.weights.random``. A layer scale starts as Keras makes it.
    """
    model = named_anew(backbone.partition(":")[2])
    ends = branch_ends(model)
    scales = {layer.name: getattr(layer, "init_values", None) for layer in model.layers}
    found = {}
    for name, variable in parameters(model):
        layer, _, rest = name.partition("/")
        scale = BRANCH_GAMMA if layer in ends else 1.0
        found[name] = _initial(rest, tuple(variable.shape), scale, scales[layer])
    return found


def read(path: str, backbone: str) -> dict[str, NDArray[np.float32]]:
    """Return the tensors of a published ``.h5`` file, without a classifier, which Keras itself loads.

    Raises ``WeightsError`` for a file that Keras cannot load into the network.
    """
    import numpy as np

    name = backbone.partition(":")[2]
    model = named_anew(name)
    try:
        model.load_weights(path)
    except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        reason = str(error).partition("\n")[0][:120]
        raise WeightsError(
            f"Keras cannot load this file into {backbone} ({reason}). Give the published file."
        ) from error
    found = {name: np.asarray(variable.numpy(), np.float32) for name, variable in parameters(model)}
    if name.startswith("efficientnetb"):
        found["normalization/variance"] *= np.asarray(EFFICIENTNET_STD, np.float32)
    return found


def named_anew(name: str) -> keras.Model:
    """Return the network with the layer names it has in a fresh process, where Keras begins to count them."""
    names: dict[str, str] = {}

    def made() -> keras.Model:
        model = stock(name)
        names.update(_canonical_names(model))
        return model

    return unfilled(made, lambda layer, config: config.update(name=names[layer.name]))


def _canonical_names(model: keras.Model) -> dict[str, str]:
    """Return, for the layers as this process happens to call them, names counted by kind in their order."""
    counts: Counter[str] = Counter()
    found = {}
    for layer in model.operations:
        kind, name = _counted_as(layer), layer.name
        if kind is not None:
            name = f"{kind}_{counts[kind]}" if counts[kind] else kind
            counts[kind] += 1
        found[layer.name] = name
    return found


def _counted_as(layer: Any) -> str | None:
    """Return the name that Keras counts for a layer nobody named (``conv2d`` in ``conv2d_7``), None for a given one."""
    words = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", type(layer).__name__)
    kind = re.sub(r"([a-z])([A-Z])", r"\1_\2", words).lower()
    base, _, number = layer.name.rpartition("_")
    return kind if layer.name == kind or (base == kind and number.isdigit()) else None


def _initial(name: str, shape: tuple[int, ...], scale: float, layer_scale: float | None) -> Initial:
    parameter = name.rpartition("/")[2]
    if parameter.endswith("kernel"):
        fan_in = math.prod(shape[:2] if parameter == "depthwise_kernel" else shape[:-1])
        return Initial(shape, limit=scale * math.sqrt(6.0 / fan_in))
    if layer_scale is not None:
        return Initial(shape, fill=layer_scale)
    fill = AS_MADE.get(parameter, 0.0)
    return Initial(shape, fill=fill * scale if parameter == "gamma" else fill)
