"""The networks of ``torchvision:<name>``, built by torchvision and filled; imported by workers only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from torch import nn

from nstbench.plugin.tables import read_rows
from nstbench.weights import Initial, WeightSet, read_state_dict
from nstbench_torch.cutting import traced
from nstbench_torch.imports import import_torchvision
from nstbench_torch.library import arrays, filled, lean, recipe
from nstbench_torch.torchvision_family import TABLE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["build", "read", "stock", "tensors"]

UNINITIALISED = ("googlenet", "inception_v3")
"""These draw from a truncated normal distribution, by SciPy and for seconds, unless told not to."""
DENSENET = re.compile(r"(denselayer\d+\.(?:norm|conv))\.(\d)\.")
"""Keys of DenseNet's published files, from a time when names of modules might contain dots."""


def build(weights: WeightSet) -> nn.Module:
    """Return the network that the weights belong to; input (batch, 3, height, width), already preprocessed.

    Raises ``WeightsError`` if they do not fit.
    """
    return filled(stock(weights.backbone.partition(":")[2]), weights)


def tensors(backbone: str) -> dict[str, Initial]:
    """Return how ``random:<seed>`` makes the tensors of everything below the classifier."""
    name = backbone.partition(":")[2]
    return recipe(stock(name), _layers(name))


def read(path: str, backbone: str) -> dict[str, NDArray[np.float32]]:
    """Return the tensors of a published state dict, under its own names, that everything below the classifier needs.

    Raises ``WeightsError`` for a damaged file, and for one that holds anything but tensors.
    """
    name = backbone.partition(":")[2]
    needed = traced(stock(name), {layer: layer for layer in _layers(name)}).state_dict()
    state = {DENSENET.sub(r"\1\2.", key): value for key, value in read_state_dict(path).items()}
    return arrays({key: value for key, value in state.items() if key in needed})


def stock(name: str) -> nn.Module:
    """Return torchvision's model, without memory for its parameters."""
    models = import_torchvision("torchvision.models")
    settings: dict[str, Any] = {"init_weights": False} if name in UNINITIALISED else {}
    return lean(lambda: models.get_model(name, weights=None, **settings))


def _layers(name: str) -> list[str]:
    return [layer.name for layer in read_rows(TABLE)[name].layers]
