"""The optimisation step on torch; losses stay on the device until a block is done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nstbench.transfer.adam import AdamState, adam_step, stays
from nstbench.transfer.objective import Objective
from nstbench_torch.cuda_graph import GraphedStep, NotCapturable
from nstbench_torch.extractor import TorchExtractor
from nstbench_torch.namespace import TorchNamespace

__all__ = ["TorchSession"]


class TorchSession:
    """One objective on one extractor; see ``nstbench.plugin.protocols.Session``.

    On a CPU the step is plain eager PyTorch. On a GPU it is captured as a CUDA graph, which is replayed; a network that
    cannot be captured, or ``graphs=False``, runs eagerly there, too.
    """

    def __init__(
        self, extractor: TorchExtractor, objective: Objective, xp: TorchNamespace, *, graphs: bool = True
    ) -> None:
        self._extract, self._objective, self._xp = extractor, objective, xp
        self._graphed = GraphedStep(self._step) if graphs and extractor.device.type == "cuda" else None
        self._refused = ""
        self._precision = extractor.precision

    @property
    def path(self) -> str:
        """What runs the step, for the record."""
        how = ["CUDA graph" if self._graphed else "eager", "channels last"]
        on_gpu = self._extract.device.type == "cuda"
        how += ["cuDNN's fastest"] if on_gpu and self._precision.shortened else []
        how += ["Winograd"] if self._precision.winograd else []
        how += [f"no CUDA graph: {self._refused}"] if self._refused else []
        return ", ".join(how)

    def targets(self, content: NDArray[Any], style: NDArray[Any]) -> tuple[Tensor, ...]:
        """Reduce the two images, (batch, H, W, 3), to the targets of every term."""
        with torch.no_grad():
            features = [self._extract(self._extract.upload(image)) for image in (content, style)]
            return self._objective.targets(self._xp, features[0], features[1])

    def stack(self, targets: Sequence[tuple[Tensor, ...]]) -> tuple[Tensor, ...]:
        """Join the targets of several pairs of images into those of one batch."""
        return tuple(torch.cat(parts) for parts in zip(*targets, strict=True))

    def begin(self, image: NDArray[Any]) -> AdamState:
        """Return the state at step 0."""
        start = self._extract.upload(image)
        worst = torch.full((len(start),), torch.inf, device=start.device, dtype=start.dtype)
        return AdamState(start, torch.zeros_like(start), torch.zeros_like(start), start, worst)

    def advance(
        self, state: AdamState, targets: Sequence[Tensor], weights: NDArray[Any], schedule: NDArray[Any]
    ) -> tuple[AdamState, NDArray[Any]]:
        """Take one step per row of ``schedule``."""
        factors = self._constant(weights)
        if self._graphed is not None:
            try:
                state, losses = self._graphed.advance(state, targets, factors, self._constant(schedule))
                return state, losses.cpu().numpy()
            except NotCapturable as reason:
                self._graphed, self._refused = None, str(reason)
        tables = []
        for row in schedule.tolist():
            take = self._look if stays(row) else self._step
            state, table = take(state, targets, factors, row)
            tables.append(table)
        return state, torch.stack(tables).cpu().numpy()

    def value_and_gradient(
        self, image: NDArray[Any], targets: Sequence[Tensor], weights: NDArray[Any]
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return the losses of an image (batch, H, W, 3) and the gradient of their totals."""
        _, table, gradient = self._differentiate(self._extract.upload(image), targets, self._constant(weights))
        return table.cpu().numpy(), _channels_last(gradient)

    def image(self, state: AdamState) -> NDArray[Any]:
        """Return the state's image, (batch, H, W, 3)."""
        return _channels_last(state.image)

    def best(self, state: AdamState) -> NDArray[Any]:
        """Return the best image so far, (batch, H, W, 3)."""
        return _channels_last(state.best_image)

    def _step(
        self, state: AdamState, targets: Sequence[Tensor], weights: Tensor, row: Sequence[float] | Tensor
    ) -> tuple[AdamState, Tensor]:
        total, table, gradient = self._differentiate(state.image, targets, weights)
        with torch.no_grad():
            return adam_step(self._xp, state, total, gradient, row), table

    def _look(
        self, state: AdamState, targets: Sequence[Tensor], weights: Tensor, row: Sequence[float]
    ) -> tuple[AdamState, Tensor]:
        """Take a step that moves nothing without a gradient, which is more than half of the arithmetic."""
        with torch.no_grad():
            features, image = self._extract(state.image), state.image.permute(0, 2, 3, 1)
            total, table = self._objective.losses(self._xp, image, features, targets, weights)
            return adam_step(self._xp, state, total, torch.zeros_like(state.image), row), table

    def _differentiate(
        self, image: Tensor, targets: Sequence[Tensor], weights: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        variable = image.detach().requires_grad_(True)
        features = self._extract(variable)
        total, table = self._objective.losses(self._xp, variable.permute(0, 2, 3, 1), features, targets, weights)
        (gradient,) = torch.autograd.grad(total.sum(), variable)
        return total.detach(), table.detach(), gradient

    def _constant(self, values: NDArray[Any]) -> Tensor:
        return torch.from_numpy(values).to(device=self._extract.device, dtype=self._precision.storage)


def _channels_last(images: Tensor) -> NDArray[Any]:
    return np.ascontiguousarray(images.detach().permute(0, 2, 3, 1).cpu().numpy())
