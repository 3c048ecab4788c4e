"""Reader of the published file: a PyTorch state dict with the names of the TensorFlow model; no code in it is run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nstbench.errors import WeightsError
from nstbench.weights import read_state_dict
from nstbench_efficientnet_lite.architecture import modules

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["read"]

KEYS = {
    "conv": {"weight": "kernel"},
    "bn": {"weight": "gamma", "bias": "beta", "running_mean": "moving_mean", "running_var": "moving_variance"},
    "classifier": {"weight": "kernel", "bias": "bias"},
}


def read(path: str, backbone: str) -> dict[str, NDArray[np.float32]]:
    """Return all parameters, classifier included, as ``WeightSet`` names them and in Keras' layouts.

    A depthwise kernel is (height, width, 1, channels), as of a convolution with one group per channel. Raises
    ``WeightsError`` for a file that is damaged, holds anything but tensors, or belongs to another network.
    """
    state = read_state_dict(path)
    tensors: dict[str, NDArray[np.float32]] = {}
    for layer, (_, prefix) in modules().items():
        for key, parameter in KEYS[layer.rpartition("_")[2]].items():
            if f"{prefix}.{key}" not in state:
                raise WeightsError(f"this is no file of {backbone}: it has no {prefix}.{key}.")
            tensors[f"{layer}/{parameter}"] = _keras_layout(state[f"{prefix}.{key}"])
    return tensors


def _keras_layout(tensor: Any) -> NDArray[np.float32]:
    """From (out, in, height, width) to (height, width, in, out), from (out, in) to (in, out)."""
    order = {4: (2, 3, 1, 0), 2: (1, 0)}.get(tensor.ndim)
    array: NDArray[np.float32] = (tensor if order is None else tensor.permute(order)).float().contiguous().numpy()
    return array
