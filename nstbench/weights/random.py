"""``random:<seed>``: untrained weights in closed form, the same numbers on every backend and machine.

He et al. 2015 (equation 10, the uniform variant). Calibrated or plain BatchNorm statistics make an untrained residual
network so chaotic that no two frameworks agree; a quarter of the scale on each residual branch does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

from nstbench.weights.architecture import Layer, layers

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["random_tensors"]

STEM_VARIANCE = 1e4
"""The first BatchNorm divides by 100: the image has 0-255 grey levels, not unit variance."""
BRANCH_GAMMA = 0.25


def random_tensors(backbone: str, seed: int) -> dict[str, NDArray[np.float32]]:
    """Return the tensors of ``random:<seed>`` for Keras' architecture, named and shaped as in ``WeightSet``.

    Raises ``WeightsError`` for an unknown backbone.
    """
    tensors: dict[str, NDArray[np.float32]] = {}
    for layer in layers(backbone, "keras"):
        if layer.kind == "conv":
            tensors[f"{layer.name}/kernel"] = _kernel(layer, seed)
            tensors[f"{layer.name}/bias"] = _constant(layer, 0.0)
        if layer.kind == "bn":
            tensors |= {f"{layer.name}/{name}": _constant(layer, value) for name, value in _statistics(layer).items()}
    return tensors


def _kernel(layer: Layer, seed: int) -> NDArray[np.float32]:
    """Draw in Keras' order (height, width, in, out), in float64, whatever the framework that will use it."""
    import numpy as np

    # RandomState is NumPy's frozen stream: its numbers are the same in every version, and that is what is wanted here.
    stream = np.random.RandomState(crc32(f"{seed}:{layer.name}".encode()))
    limit = np.sqrt(6.0 / (layer.kernel**2 * layer.fan_channels))
    uniform = stream.random_sample(layer.parameters["kernel"])
    values: NDArray[np.float32] = ((2.0 * uniform - 1.0) * limit).astype(np.float32)
    return values


def _statistics(layer: Layer) -> dict[str, float]:
    return {
        "gamma": BRANCH_GAMMA if layer.name.endswith("_3_bn") else 1.0,
        "beta": 0.0,
        "moving_mean": 0.0,
        "moving_variance": STEM_VARIANCE if layer.name == "conv1_bn" else 1.0,
    }


def _constant(layer: Layer, value: float) -> NDArray[np.float32]:
    import numpy as np

    return np.full((layer.channels,), value, dtype=np.float32)
