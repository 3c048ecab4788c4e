"""NumPy's dialect over torch tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

__all__ = ["TorchNamespace"]

Axes = int | tuple[int, ...]


class TorchNamespace:
    """Adapter of ``nstbench.transfer.namespace.Namespace``."""

    def abs(self, a: Tensor) -> Tensor:
        """Absolute value."""
        return torch.abs(a)

    def clip(self, a: Tensor, low: float, high: float) -> Tensor:
        """Limit to [low, high]."""
        return torch.clamp(a, low, high)

    def constant(self, values: NDArray[Any], like: Tensor) -> Tensor:
        """NumPy's values as an array of the type and on the device of ``like``."""
        return torch.as_tensor(values, dtype=like.dtype, device=like.device)

    def exp(self, a: Tensor) -> Tensor:
        """Exponential."""
        return torch.exp(a)

    def matmul(self, a: Tensor, b: Tensor) -> Tensor:
        """Matrix product over the last two axes."""
        return torch.matmul(a, b)

    def max(self, a: Tensor, axis: Axes) -> Tensor:
        """Largest value over axes."""
        return torch.amax(a, dim=axis)

    def mean(self, a: Tensor, axis: Axes) -> Tensor:
        """Arithmetic mean over axes."""
        return torch.mean(a, dim=axis)

    def reshape(self, a: Tensor, shape: tuple[int, ...]) -> Tensor:
        """Reshape; -1 stands for what is left."""
        return torch.reshape(a, shape)

    def sort(self, a: Tensor) -> Tensor:
        """Sort along the last axis, ascending; of equal values the first stays first."""
        return torch.sort(a, dim=-1, stable=True).values

    def sqrt(self, a: Tensor) -> Tensor:
        """Square root."""
        return torch.sqrt(a)

    def square(self, a: Tensor) -> Tensor:
        """Elementwise square."""
        return torch.square(a)

    def stack(self, arrays: Sequence[Tensor], axis: int) -> Tensor:
        """Join along a new axis."""
        return torch.stack(list(arrays), dim=axis)

    def sum(self, a: Tensor, axis: Axes) -> Tensor:
        """Sum over axes."""
        return torch.sum(a, dim=axis)

    def take(self, a: Tensor, indices: NDArray[np.int64]) -> Tensor:
        """Choose along the last axis."""
        return a[..., torch.as_tensor(indices, device=a.device)]

    def transpose(self, a: Tensor) -> Tensor:
        """Swap the last two axes."""
        return torch.transpose(a, -1, -2)

    def where(self, condition: Tensor, a: Tensor, b: Tensor) -> Tensor:
        """Choose elementwise, with broadcasting."""
        return torch.where(condition, a, b)
