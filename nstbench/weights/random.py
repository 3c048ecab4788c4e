"""``random:<seed>``: untrained weights in closed form, the same numbers on every backend and machine.

He et al. 2015 (equation 10, the uniform variant). Calibrated or plain BatchNorm statistics make an untrained residual
network so chaotic that no two frameworks agree; a quarter of the scale on each residual branch does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zlib import crc32

from nstbench.weights.architecture import Layer, layers

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["BRANCH_GAMMA", "Initial", "draw", "random_tensors", "reference_tensors", "seed_of"]

STEM_VARIANCE = 1e4
"""The first BatchNorm divides by 100: the image has 0-255 grey levels, not unit variance."""
BRANCH_GAMMA = 0.25


@dataclass(frozen=True, slots=True)
class Initial:
    """How one parameter is made: drawn from the uniform distribution over ±``limit``, or, without one, ``fill``."""

    shape: tuple[int, ...]
    limit: float = 0.0
    fill: float = 0.0


def seed_of(name: str) -> int:
    """Return the seed in ``random:<seed>``."""
    return int(name.removeprefix("random:"))


def draw(tensors: Mapping[str, Initial], seed: int) -> dict[str, NDArray[np.float32]]:
    """Return the arrays of ``random:<seed>``; each depends on the seed and its own name alone."""
    return {name: _array(name.removesuffix("/kernel"), tensor, seed) for name, tensor in tensors.items()}


def random_tensors(backbone: str, seed: int) -> dict[str, NDArray[np.float32]]:
    """Return the tensors of ``random:<seed>`` of VGG19 or ResNet50, named and shaped as in ``WeightSet``.

    Raises ``WeightsError`` for another backbone.
    """
    return draw(reference_tensors(backbone), seed)


def reference_tensors(backbone: str) -> dict[str, Initial]:
    """Return what VGG19 or ResNet50 in Keras' architecture is made of; see ``BackboneInfo.tensors``."""
    tensors: dict[str, Initial] = {}
    for layer in layers(backbone, "keras"):
        for name, shape in layer.parameters.items():
            limit = (6.0 / (layer.kernel**2 * layer.fan_channels)) ** 0.5 if name == "kernel" else 0.0
            tensors[f"{layer.name}/{name}"] = Initial(shape, limit, _fill(layer, name))
    return tensors


def _array(key: str, tensor: Initial, seed: int) -> NDArray[np.float32]:
    """Draw in float64, in the order of the shape, whatever the framework that will use it."""
    import numpy as np

    if not tensor.limit:
        return np.full(tensor.shape, tensor.fill, dtype=np.float32)
    # RandomState is NumPy's frozen stream: its numbers are the same in every version, and that is what is wanted here.
    stream = np.random.RandomState(crc32(f"{seed}:{key}".encode()))
    values: NDArray[np.float32] = ((2.0 * stream.random_sample(tensor.shape) - 1.0) * tensor.limit).astype(np.float32)
    return values


def _fill(layer: Layer, parameter: str) -> float:
    if parameter == "gamma":
        return BRANCH_GAMMA if layer.name.endswith("_3_bn") else 1.0
    if parameter == "moving_variance":
        return STEM_VARIANCE if layer.name == "conv1_bn" else 1.0
    return 0.0
