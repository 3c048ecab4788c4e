"""The optimisation step on torch: eager, losses kept on the device until a block is done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nstbench.transfer.adam import AdamState, adam_step
from nstbench.transfer.objective import Objective
from nstbench_torch.extractor import TorchExtractor
from nstbench_torch.namespace import TorchNamespace

__all__ = ["TorchSession"]


class TorchSession:
    """One objective on one extractor; see ``nstbench.plugin.protocols.Session``."""

    def __init__(self, extractor: TorchExtractor, objective: Objective, xp: TorchNamespace) -> None:
        self._extract, self._objective, self._xp = extractor, objective, xp

    def targets(self, content: NDArray[Any], style: NDArray[Any]) -> tuple[Tensor, ...]:
        """Reduce the two images, (batch, H, W, 3), to the targets of every term."""
        with torch.no_grad():
            features = [self._extract(self._extract.upload(image)) for image in (content, style)]
            return self._objective.targets(self._xp, features[0], features[1])

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
        tables = []
        for row in schedule.tolist():
            total, table, gradient = self._differentiate(state.image, targets, factors)
            tables.append(table)
            with torch.no_grad():
                state = adam_step(self._xp, state, total, gradient, row)
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

    def _differentiate(
        self, image: Tensor, targets: Sequence[Tensor], weights: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        variable = image.detach().requires_grad_(True)
        features = self._extract(variable)
        total, table = self._objective.losses(self._xp, variable.permute(0, 2, 3, 1), features, targets, weights)
        (gradient,) = torch.autograd.grad(total.sum(), variable)
        return total.detach(), table.detach(), gradient

    def _constant(self, values: NDArray[Any]) -> Tensor:
        return torch.from_numpy(values).to(device=self._extract.device, dtype=self._extract.dtype)


def _channels_last(images: Tensor) -> NDArray[Any]:
    return np.ascontiguousarray(images.detach().permute(0, 2, 3, 1).cpu().numpy())
