"""Reader of the published file: a PyTorch state dict with the names of the TensorFlow model; no code in it is run."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

from nstbench.errors import WeightsError
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
    state = _load(path)
    tensors: dict[str, NDArray[np.float32]] = {}
    for layer, (_, prefix) in modules().items():
        for key, parameter in KEYS[layer.rpartition("_")[2]].items():
            if f"{prefix}.{key}" not in state:
                raise WeightsError(f"this is no file of {backbone}: it has no {prefix}.{key}.")
            tensors[f"{layer}/{parameter}"] = _keras_layout(state[f"{prefix}.{key}"])
    return tensors


def _load(path: str) -> dict[str, Any]:
    import torch

    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise WeightsError("this file is damaged, or holds code instead of tensors, which is never run.") from error
    except (RuntimeError, EOFError, OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise WeightsError(
            f"this is no whole PyTorch file ({type(error).__name__}). Give the published one."
        ) from error
    if not isinstance(state, dict) or not all(isinstance(value, torch.Tensor) for value in state.values()):
        raise WeightsError("this file is no state dict: it must map names to tensors.")
    return state


def _keras_layout(tensor: Any) -> NDArray[np.float32]:
    """From (out, in, height, width) to (height, width, in, out), from (out, in) to (in, out)."""
    order = {4: (2, 3, 1, 0), 2: (1, 0)}.get(tensor.ndim)
    array: NDArray[np.float32] = (tensor if order is None else tensor.permute(order)).float().contiguous().numpy()
    return array
