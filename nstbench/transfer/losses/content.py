"""Squared differences of the features themselves (Gatys et al. 2015, eq. 1), which differ by a constant factor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nstbench.transfer.namespace import Namespace

__all__ = ["ContentLoss", "content_half_sum", "content_mean", "content_sum"]

Array = Any


@dataclass(frozen=True, slots=True)
class ContentLoss:
    """``factor(M * N)`` times the mean squared difference of the features themselves."""

    factor: Callable[[int], float]

    def target(self, xp: Namespace, features: Array) -> Array:  # noqa: ARG002
        """Return the features unchanged."""
        return features

    def loss(self, xp: Namespace, features: Array, target: Array) -> Array:
        """Return the layer's content loss, (batch,)."""
        count = features.shape[1] * features.shape[2]
        return xp.mean(xp.square(features - target), axis=(1, 2)) * self.factor(count)


content_sum = ContentLoss(lambda count: float(count))
content_half_sum = ContentLoss(lambda count: 0.5 * count)
content_mean = ContentLoss(lambda count: 1.0)  # noqa: ARG005
