"""Style and content loss formulas, written once over feature arrays F shaped (batch, positions M, channels N).

All Gram losses compare G/M, the Gram matrix G = F^T F divided by its own image's number of positions, so content and
style pictures may have different sizes. They differ by a constant factor of N only; the factor decides what a style
weight means.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nstbench.transfer.namespace import Namespace

__all__ = [
    "ContentLoss",
    "GramLoss",
    "content_half_sum",
    "content_mean",
    "content_sum",
    "gram",
    "style_gatys",
    "style_mean",
    "style_normalised",
    "total_variation",
]

Array = Any


def gram(xp: Namespace, features: Array) -> Array:
    """Return F^T F / M, shape (batch, N, N): feature correlations per position (Gatys et al. 2015, eq. 3)."""
    return xp.matmul(xp.transpose(features), features) / features.shape[1]


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


style_gatys = GramLoss(lambda n: 0.25)  # noqa: ARG005
style_mean = GramLoss(lambda n: 1.0)  # noqa: ARG005
style_normalised = GramLoss(lambda n: 1.0 / n**2)

content_sum = ContentLoss(lambda count: float(count))
content_half_sum = ContentLoss(lambda count: 0.5 * count)
content_mean = ContentLoss(lambda count: 1.0)  # noqa: ARG005


def total_variation(xp: Namespace, image: Array) -> Array:
    """Return the anisotropic total variation of (batch, H, W, 3) images, (batch,), in grey levels.

    The sum of absolute differences of neighbouring pixels (the L1 form of Rudin, Osher and Fatemi 1992, as in
    ``tf.image.total_variation``).
    """
    vertical = xp.sum(xp.abs(image[:, 1:] - image[:, :-1]), axis=(1, 2, 3))
    horizontal = xp.sum(xp.abs(image[:, :, 1:] - image[:, :, :-1]), axis=(1, 2, 3))
    return vertical + horizontal
