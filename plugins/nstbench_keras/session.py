"""The optimisation step of a network of Keras, compiled; losses stay on the device until a block is done."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

from keras import ops
from numpy.typing import NDArray

from nstbench.transfer.adam import AdamState, adam_step
from nstbench.transfer.objective import Objective
from nstbench_keras.extractor import KerasExtractor
from nstbench_keras.namespace import KerasNamespace

__all__ = ["KerasSession"]

Tensor = Any


class KerasSession(ABC):
    """One objective on one extractor; see ``nstbench.plugin.protocols.Session``.

    Everything that differs between cells (images, targets, weights, settings) is an input of the compiled step.
    """

    def __init__(self, extractor: KerasExtractor, objective: Objective, xp: KerasNamespace) -> None:
        self._extract, self._objective, self._xp = extractor, objective, xp
        self._step = self._compiled(self._traced_step)
        self._gradient = self._compiled(self._differentiate)
        self._reduce = self._compiled(self._traced_targets)

    @property
    @abstractmethod
    def path(self) -> str:
        """What runs the step, for the record."""

    @abstractmethod
    def _compiled(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function of tensors, and of tuples and lists of them, as the framework compiles it."""

    @abstractmethod
    def _differentiate(
        self, parameters: Sequence[Tensor], image: Tensor, targets: Sequence[Tensor], weights: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return ``_losses`` of ``image``, and the gradient of the totals with respect to it."""

    def targets(self, content: NDArray[Any], style: NDArray[Any]) -> tuple[Tensor, ...]:
        """Reduce the two images, (batch, H, W, 3), to the targets of every term."""
        images = self._extract.upload(content), self._extract.upload(style)
        return tuple(self._reduce(self._extract.parameters, *images))

    def stack(self, targets: Sequence[tuple[Tensor, ...]]) -> tuple[Tensor, ...]:
        """Join the targets of several pairs of images into those of one batch."""
        return tuple(ops.concatenate(parts, axis=0) for parts in zip(*targets, strict=True))

    def begin(self, image: NDArray[Any]) -> AdamState:
        """Return the state at step 0."""
        start = self._extract.upload(image)
        worst = ops.full((start.shape[0],), float("inf"), dtype=start.dtype)
        return AdamState(start, ops.zeros_like(start), ops.zeros_like(start), start, worst)

    def advance(
        self, state: AdamState, targets: Sequence[Tensor], weights: NDArray[Any], schedule: NDArray[Any]
    ) -> tuple[AdamState, NDArray[Any]]:
        """Take one step per row of ``schedule``."""
        factors = self._extract.upload(weights)
        tables = []
        for row in schedule:
            state, table = self._step(self._extract.parameters, state, targets, factors, self._extract.upload(row))
            tables.append(table)
        return state, ops.convert_to_numpy(ops.stack(tables))

    def value_and_gradient(
        self, image: NDArray[Any], targets: Sequence[Tensor], weights: NDArray[Any]
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return the losses of an image (batch, H, W, 3) and the gradient of their totals."""
        pixels, factors = self._extract.upload(image), self._extract.upload(weights)
        _, table, gradient = self._gradient(self._extract.parameters, pixels, targets, factors)
        return ops.convert_to_numpy(table), ops.convert_to_numpy(gradient)

    def image(self, state: AdamState) -> NDArray[Any]:
        """Return the state's image, (batch, H, W, 3)."""
        return ops.convert_to_numpy(state.image)  # type: ignore[no-any-return]

    def best(self, state: AdamState) -> NDArray[Any]:
        """Return the best image so far, (batch, H, W, 3)."""
        return ops.convert_to_numpy(state.best_image)  # type: ignore[no-any-return]

    def _losses(
        self, parameters: Sequence[Tensor], image: Tensor, targets: Sequence[Tensor], weights: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return the totals (batch,) of images, and their table of losses."""
        return self._objective.losses(self._xp, image, self._extract(image, parameters), targets, weights)

    def _traced_targets(self, parameters: Sequence[Tensor], content: Tensor, style: Tensor) -> tuple[Tensor, ...]:
        features = self._extract(content, parameters), self._extract(style, parameters)
        return self._objective.targets(self._xp, *features)

    def _traced_step(
        self,
        parameters: Sequence[Tensor],
        state: AdamState,
        targets: Sequence[Tensor],
        weights: Tensor,
        row: Tensor,
    ) -> tuple[AdamState, Tensor]:
        total, table, gradient = self._differentiate(parameters, state.image, targets, weights)
        return adam_step(self._xp, state, total, gradient, row), table
