"""Gram losses (Gatys et al. 2015, 2016): correlations of features, without their places.

All compare G/M, the Gram matrix G = F^T F divided by its own image's number of positions, so content and style pictures
may have different sizes. They differ by a constant factor of N only; the factor decides what a style weight means.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nstbench.transfer.namespace import Namespace

__all__ = ["GramLoss", "gram", "style_gatys", "style_mean", "style_normalised"]

Array = Any


def gram(xp: Namespace, features: Array) -> Array:
    """Return F^T F / M, shape (batch, N, N): feature correlations per position (Gatys et al. 2015, eq. 3)."""
    return xp.gram(features) / features.shape[1]


@dataclass(frozen=True, slots=True)
class GramLoss:
    """``factor(N)`` times the mean squared difference of the Gram matrices per position."""

    factor: Callable[[int], float]

    def target(self, xp: Namespace, features: Array) -> Array:
        """Return the target's Gram matrix per position, (batch, N, N)."""
        return gram(xp, features)

    def loss(self, xp: Namespace, features: Array, target: Array) -> Array:
        """Return the layer's style loss, (batch,)."""
        difference = gram(xp, features) - target
        return xp.mean(xp.square(difference), axis=(1, 2)) * self.factor(features.shape[2])


style_gatys = GramLoss(lambda n: 0.25)  # noqa: ARG005
style_mean = GramLoss(lambda n: 1.0)  # noqa: ARG005
style_normalised = GramLoss(lambda n: 1.0 / n**2)
