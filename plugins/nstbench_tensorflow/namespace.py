"""NumPy's dialect over TensorFlow's tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf
from nstbench_keras.namespace import KerasNamespace

__all__ = ["TensorFlowNamespace"]

Tensor = Any


@tf.custom_gradient  # type: ignore[untyped-decorator]
def _gram(a: Tensor) -> tuple[Tensor, Callable[[Tensor], Tensor]]:
    def gradient(handed_back: Tensor) -> Tensor:
        return tf.matmul(a, handed_back + tf.linalg.matrix_transpose(handed_back))

    return tf.matmul(a, a, transpose_a=True), gradient


class TensorFlowNamespace(KerasNamespace):
    """Keras' operations, and TensorFlow's way to give a function its gradient."""

    def gram(self, a: Tensor) -> Tensor:
        """A transposed times A over the last two axes."""
        return _gram(a)
