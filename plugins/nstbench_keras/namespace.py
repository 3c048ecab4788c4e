"""NumPy's dialect over the tensors of whatever computes Keras, by way of ``keras.ops``; imported by workers only."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
from keras import ops
from numpy.typing import NDArray

__all__ = ["KerasNamespace"]

Tensor = Any
Axes = int | tuple[int, ...]


class KerasNamespace(ABC):
    """Adapter of ``nstbench.transfer.namespace.Namespace``, but for the one function with a gradient of its own."""

    def abs(self, a: Tensor) -> Tensor:
        """Absolute value."""
        return ops.abs(a)

    def clip(self, a: Tensor, low: float, high: float) -> Tensor:
        """Limit to [low, high]."""
        return ops.clip(a, low, high)

    def constant(self, values: NDArray[Any], like: Tensor) -> Tensor:
        """NumPy's values as an array of the type and on the device of ``like``."""
        return ops.convert_to_tensor(values, dtype=like.dtype)

    def exp(self, a: Tensor) -> Tensor:
        """Exponential."""
        return ops.exp(a)

    @abstractmethod
    def gram(self, a: Tensor) -> Tensor:
        """A^T A over the last two axes; with D the gradient handed back, that of A is A (D + D^T): one product."""

    def matmul(self, a: Tensor, b: Tensor) -> Tensor:
        """Matrix product over the last two axes."""
        return ops.matmul(a, b)

    def max(self, a: Tensor, axis: Axes) -> Tensor:
        """Largest value over axes."""
        return ops.max(a, axis=axis)

    def mean(self, a: Tensor, axis: Axes) -> Tensor:
        """Arithmetic mean over axes."""
        return ops.mean(a, axis=axis)

    def reshape(self, a: Tensor, shape: tuple[int, ...]) -> Tensor:
        """Reshape; -1 stands for what is left."""
        return ops.reshape(a, shape)

    def sort(self, a: Tensor) -> Tensor:
        """Sort along the last axis, ascending; of equal values the first stays first."""
        return ops.sort(a, axis=-1)

    def sqrt(self, a: Tensor) -> Tensor:
        """Square root."""
        return ops.sqrt(a)

    def square(self, a: Tensor) -> Tensor:
        """Elementwise square."""
        return ops.square(a)

    def stack(self, arrays: Sequence[Tensor], axis: int) -> Tensor:
        """Join along a new axis."""
        return ops.stack(list(arrays), axis=axis)

    def sum(self, a: Tensor, axis: Axes) -> Tensor:
        """Sum over axes."""
        return ops.sum(a, axis=axis)

    def take(self, a: Tensor, indices: NDArray[np.int64]) -> Tensor:
        """Choose along the last axis."""
        return ops.take(a, indices, axis=-1)

    def transpose(self, a: Tensor) -> Tensor:
        """Swap the last two axes."""
        return ops.swapaxes(a, -1, -2)

    def where(self, condition: Tensor, a: Tensor, b: Tensor) -> Tensor:
        """Choose elementwise, with broadcasting."""
        return ops.where(condition, a, b)
