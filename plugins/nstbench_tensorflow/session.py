"""The optimisation step on TensorFlow: one ``tf.function``; losses stay tensors until a block is done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf
from numpy.typing import NDArray

from nstbench.transfer.adam import AdamState, adam_step
from nstbench.transfer.objective import Objective
from nstbench_tensorflow.extractor import TensorFlowExtractor
from nstbench_tensorflow.namespace import TensorFlowNamespace

__all__ = ["TensorFlowSession"]

Tensor = Any


class TensorFlowSession:
    """One objective on one extractor; see ``nstbench.plugin.protocols.Session``.

    Everything that differs between cells (images, targets, weights, settings) is an input of the compiled step.
    """

    def __init__(self, extractor: TensorFlowExtractor, objective: Objective, xp: TensorFlowNamespace) -> None:
        self._extract, self._objective, self._xp = extractor, objective, xp
        self._step = tf.function(self._traced_step)
        self._gradient = tf.function(self._differentiate)
        self._reduce = tf.function(self._traced_targets)

    @property
    def path(self) -> str:
        """What runs the step, for the record."""
        return f"tf.function, {self._extract.path}"

    def targets(self, content: NDArray[Any], style: NDArray[Any]) -> tuple[Tensor, ...]:
        """Reduce the two images, (batch, H, W, 3), to the targets of every term."""
        return tuple(self._reduce(self._extract.upload(content), self._extract.upload(style)))

    def stack(self, targets: Sequence[tuple[Tensor, ...]]) -> tuple[Tensor, ...]:
        """Join the targets of several pairs of images into those of one batch."""
        return tuple(tf.concat(parts, axis=0) for parts in zip(*targets, strict=True))

    def begin(self, image: NDArray[Any]) -> AdamState:
        """Return the state at step 0."""
        start = self._extract.upload(image)
        worst = tf.fill((start.shape[0],), tf.constant(float("inf"), dtype=start.dtype))
        return AdamState(start, tf.zeros_like(start), tf.zeros_like(start), start, worst)

    def advance(
        self, state: AdamState, targets: Sequence[Tensor], weights: NDArray[Any], schedule: NDArray[Any]
    ) -> tuple[AdamState, NDArray[Any]]:
        """Take one step per row of ``schedule``."""
        factors, rows = self._extract.upload(weights), self._extract.upload(schedule)
        tables = []
        for i in range(len(schedule)):
            state, table = self._step(state, targets, factors, rows[i])
            tables.append(table)
        return state, tf.stack(tables).numpy()

    def value_and_gradient(
        self, image: NDArray[Any], targets: Sequence[Tensor], weights: NDArray[Any]
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return the losses of an image (batch, H, W, 3) and the gradient of their totals."""
        _, table, gradient = self._gradient(self._extract.upload(image), targets, self._extract.upload(weights))
        return table.numpy(), gradient.numpy()

    def image(self, state: AdamState) -> NDArray[Any]:
        """Return the state's image, (batch, H, W, 3)."""
        return state.image.numpy()  # type: ignore[no-any-return]

    def best(self, state: AdamState) -> NDArray[Any]:
        """Return the best image so far, (batch, H, W, 3)."""
        return state.best_image.numpy()  # type: ignore[no-any-return]

    def _traced_targets(self, content: Tensor, style: Tensor) -> tuple[Tensor, ...]:
        return self._objective.targets(self._xp, self._extract(content), self._extract(style))

    def _traced_step(
        self, state: AdamState, targets: Sequence[Tensor], weights: Tensor, row: Tensor
    ) -> tuple[AdamState, Tensor]:
        total, table, gradient = self._differentiate(state.image, targets, weights)
        return adam_step(self._xp, state, total, gradient, row), table

    def _differentiate(
        self, image: Tensor, targets: Sequence[Tensor], weights: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(image)
            total, table = self._objective.losses(self._xp, image, self._extract(image), targets, weights)
        return total, table, tape.gradient(total, image)
