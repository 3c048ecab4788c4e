"""The optimisation step on TensorFlow: one ``tf.function``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf
from nstbench_keras.session import KerasSession

from nstbench_tensorflow.extractor import TensorFlowExtractor

__all__ = ["TensorFlowSession"]

Tensor = Any


class TensorFlowSession(KerasSession):
    """See ``KerasSession``."""

    _extract: TensorFlowExtractor

    @property
    def path(self) -> str:
        """What runs the step, for the record."""
        return f"tf.function, {self._extract.path}"

    def _compiled(self, function: Callable[..., Any]) -> Callable[..., Any]:
        return tf.function(function)  # type: ignore[no-any-return]

    def _differentiate(
        self, parameters: Sequence[Tensor], image: Tensor, targets: Sequence[Tensor], weights: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(image)
            total, table = self._losses(parameters, image, targets, weights)
        return total, table, tape.gradient(total, image)
