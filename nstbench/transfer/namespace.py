"""The array functions that formulas are written in: NumPy's dialect, one adapter per framework.

Operators (``+ - * / > <``), indexing and ``.shape`` are used as they are. Everything else goes through a ``Namespace``,
because frameworks that share NumPy's names do not always share its meaning. NumPy in float64 is the reference that
each adapter is tested against, function by function.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Namespace", "NumpyNamespace"]

Array = Any
Axes = int | tuple[int, ...]


class Namespace(Protocol):
    """What a backend's adapter provides; axes are NumPy's."""

    def abs(self, a: Array) -> Array:
        """Absolute value."""

    def clip(self, a: Array, low: float, high: float) -> Array:
        """Limit to [low, high]."""

    def constant(self, values: NDArray[Any], like: Array) -> Array:
        """NumPy's values as an array of the type and on the device of ``like``."""

    def exp(self, a: Array) -> Array:
        """Exponential."""

    def gram(self, a: Array) -> Array:
        """A transposed times A over the last two axes; its gradient takes one product, as the result is symmetric."""

    def matmul(self, a: Array, b: Array) -> Array:
        """Matrix product over the last two axes."""

    def max(self, a: Array, axis: Axes) -> Array:
        """Largest value over axes."""

    def mean(self, a: Array, axis: Axes) -> Array:
        """Arithmetic mean over axes."""

    def reshape(self, a: Array, shape: tuple[int, ...]) -> Array:
        """Reshape; -1 stands for what is left."""

    def sort(self, a: Array) -> Array:
        """Sort along the last axis, ascending; of equal values the first stays first."""

    def sqrt(self, a: Array) -> Array:
        """Square root."""

    def square(self, a: Array) -> Array:
        """Elementwise square."""

    def stack(self, arrays: Sequence[Array], axis: int) -> Array:
        """Join along a new axis."""

    def sum(self, a: Array, axis: Axes) -> Array:
        """Sum over axes."""

    def take(self, a: Array, indices: NDArray[np.int64]) -> Array:
        """Choose along the last axis."""

    def transpose(self, a: Array) -> Array:
        """Swap the last two axes."""

    def where(self, condition: Array, a: Array, b: Array) -> Array:
        """Choose elementwise, with broadcasting."""


class NumpyNamespace:
    """The reference."""

    def abs(self, a: Array) -> Array:
        """Absolute value."""
        return np.abs(a)

    def clip(self, a: Array, low: float, high: float) -> Array:
        """Limit to [low, high]."""
        return np.clip(a, low, high)

    def constant(self, values: NDArray[Any], like: Array) -> Array:
        """NumPy's values as an array of the type and on the device of ``like``."""
        return values.astype(like.dtype)

    def exp(self, a: Array) -> Array:
        """Exponential."""
        return np.exp(a)

    def gram(self, a: Array) -> Array:
        """A transposed times A over the last two axes."""
        return np.matmul(np.swapaxes(a, -1, -2), a)

    def matmul(self, a: Array, b: Array) -> Array:
        """Matrix product over the last two axes."""
        return np.matmul(a, b)

    def max(self, a: Array, axis: Axes) -> Array:
        """Largest value over axes."""
        return np.max(a, axis=axis)

    def mean(self, a: Array, axis: Axes) -> Array:
        """Arithmetic mean over axes."""
        return np.mean(a, axis=axis)

    def reshape(self, a: Array, shape: tuple[int, ...]) -> Array:
        """Reshape; -1 stands for what is left."""
        return np.reshape(a, shape)

    def sort(self, a: Array) -> Array:
        """Sort along the last axis, ascending; of equal values the first stays first."""
        return np.sort(a, axis=-1, kind="stable")

    def sqrt(self, a: Array) -> Array:
        """Square root."""
        return np.sqrt(a)

    def square(self, a: Array) -> Array:
        """Elementwise square."""
        return np.square(a)

    def stack(self, arrays: Sequence[Array], axis: int) -> Array:
        """Join along a new axis."""
        return np.stack(arrays, axis=axis)

    def sum(self, a: Array, axis: Axes) -> Array:
        """Sum over axes."""
        return np.sum(a, axis=axis)

    def take(self, a: Array, indices: NDArray[np.int64]) -> Array:
        """Choose along the last axis."""
        return np.take(a, indices, axis=-1)

    def transpose(self, a: Array) -> Array:
        """Swap the last two axes."""
        return np.swapaxes(a, -1, -2)

    def where(self, condition: Array, a: Array, b: Array) -> Array:
        """Choose elementwise, with broadcasting."""
        return np.where(condition, a, b)
