"""NumPy's dialect over torch tensors."""

from __future__ import annotations

from collections.abc import Sequence

import torch
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

    def matmul(self, a: Tensor, b: Tensor) -> Tensor:
        """Matrix product over the last two axes."""
        return torch.matmul(a, b)

    def mean(self, a: Tensor, axis: Axes) -> Tensor:
        """Arithmetic mean over axes."""
        return torch.mean(a, dim=axis)

    def reshape(self, a: Tensor, shape: tuple[int, ...]) -> Tensor:
        """Reshape; -1 stands for what is left."""
        return torch.reshape(a, shape)

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

    def transpose(self, a: Tensor) -> Tensor:
        """Swap the last two axes."""
        return torch.transpose(a, -1, -2)

    def where(self, condition: Tensor, a: Tensor, b: Tensor) -> Tensor:
        """Choose elementwise, with broadcasting."""
        return torch.where(condition, a, b)
