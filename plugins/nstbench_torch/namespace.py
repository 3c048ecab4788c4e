"""NumPy's dialect over torch tensors."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

__all__ = ["TorchNamespace", "gram_in_parts"]

Axes = int | tuple[int, ...]

PART = 1024
"""Positions in a part; at 512 px this makes some 250 independent tiles of 64 x 64 of each layer of VGG19."""


class _Gram(torch.autograd.Function):
    """A^T A. With D the gradient handed back, that of A is A (D + D^T).

    Autograd takes A D and (D A^T)^T apart and adds them in two memory orders, for twice the arithmetic.
    """

    @staticmethod
    def forward(ctx: Any, a: Tensor) -> Tensor:
        """Return the product."""
        ctx.save_for_backward(a)
        return gram_in_parts(a) if a.is_cuda else torch.matmul(a.mT, a)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        """Return the gradient of A."""
        (a,) = ctx.saved_tensors
        return torch.matmul(a, gradient + gradient.mT)


def gram_in_parts(a: Tensor) -> Tensor:
    """Return A^T A of (batch, M, N) as a sum over parts of M.

    The product is small and its sums are long: as one batched product it would have a few of a GPU's processors add up
    a hundred thousand positions each, with the others idle.
    """
    whole = a.shape[1] // PART * PART
    parts = a[:, :whole].reshape(len(a), whole // PART, PART, a.shape[2])
    product, rest = torch.matmul(parts.mT, parts).sum(1), a[:, whole:]
    return product + torch.matmul(rest.mT, rest) if rest.shape[1] else product


class TorchNamespace:
    """Adapter of ``nstbench.transfer.namespace.Namespace``."""

    def __init__(self) -> None:
        self._uploaded: dict[tuple[object, ...], Tensor] = {}

    def abs(self, a: Tensor) -> Tensor:
        """Absolute value."""
        return torch.abs(a)

    def clip(self, a: Tensor, low: float, high: float) -> Tensor:
        """Limit to [low, high]."""
        return torch.clamp(a, low, high)

    def constant(self, values: NDArray[Any], like: Tensor) -> Tensor:
        """NumPy's values as an array of the type and on the device of ``like``."""
        return self._upload(values, like.device, like.dtype)

    def exp(self, a: Tensor) -> Tensor:
        """Exponential."""
        return torch.exp(a)

    def gram(self, a: Tensor) -> Tensor:
        """A transposed times A over the last two axes."""
        return _Gram.apply(a)  # type: ignore[no-any-return, no-untyped-call]

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
        return a[..., self._upload(indices, a.device, torch.int64)]

    def transpose(self, a: Tensor) -> Tensor:
        """Swap the last two axes."""
        return torch.transpose(a, -1, -2)

    def where(self, condition: Tensor, a: Tensor, b: Tensor) -> Tensor:
        """Choose elementwise, with broadcasting."""
        return torch.where(condition, a, b)

    def _upload(self, values: NDArray[Any], device: torch.device, dtype: torch.dtype) -> Tensor:
        """Bring values to a device once: a step that is being captured as a CUDA graph must not copy from the host."""
        if device.type == "cpu":
            return torch.as_tensor(values, dtype=dtype)
        key = (hashlib.sha256(values.tobytes()).digest(), values.shape, values.dtype.str, dtype, device)
        if key not in self._uploaded:
            self._uploaded[key] = torch.as_tensor(values, dtype=dtype, device=device)
        return self._uploaded[key]
