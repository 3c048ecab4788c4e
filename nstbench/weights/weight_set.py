"""A named, hashed set of parameters together with the preprocessing and architecture that belong to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nstbench.plugin.descriptors import Preprocessing

__all__ = ["WeightSet"]


@dataclass(frozen=True, slots=True)
class WeightSet:
    """Parameters under canonical names, in Keras' layouts, float32.

    ``tensors`` maps ``"<canonical layer>/<parameter>"`` to an array: ``kernel`` (height, width, in, out) and ``bias``
    (out,) of a convolution; ``gamma``, ``beta``, ``moving_mean``, ``moving_variance`` (channels,) of a batch
    normalisation. Networks of a ``BackboneFamily`` keep their library's names and layouts. ``backbone`` is the network
    that the weights belong to, so that one target can build a whole family. ``sha256`` is that of the canonical
    safetensors file. ``architecture`` is ``"keras"`` (ResNet v1: stride on the first 1x1 convolution, convolution
    biases, epsilon 1.001e-5) or ``"torchvision"`` (v1.5); of a family's network it is the family.
    """

    name: str
    backbone: str
    sha256: str
    architecture: str
    preprocessing: Preprocessing
    tensors: Mapping[str, NDArray[np.float32]]
