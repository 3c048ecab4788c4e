"""SWAG, activation smoothing (Wang, Li and Vasconcelos, CVPR 2021, arXiv:2104.05623): losses of softmaxed features.

The paper's claim: residual connections make activations peaky, and squared differences of peaks see little else. Two
of its strategies are here; the third, what the released code runs, is in ``scaled``. The temperature is 1, so the
formulas are meant for activations of the order of 1 to 10 (inputs divided by their standard deviation). Activations in
the thousands, those of Caffe's VGG19, make the softmax all or nothing: its gradient is then 0 nearly everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nstbench.transfer.losses.gram import gram
from nstbench.transfer.namespace import Namespace

__all__ = [
    "SoftmaxContentLoss",
    "SoftmaxGramLoss",
    "content_swag_channel_softmax",
    "content_swag_softmax",
    "softmax",
    "style_swag_channel_softmax",
    "style_swag_softmax",
]

Array = Any

WHOLE_LAYER = (1, 2)
EACH_CHANNEL = (1,)


def softmax(xp: Namespace, features: Array, over: tuple[int, ...]) -> Array:
    """Return exp F / sum exp F, the sum over the axes ``over`` (eq. 11), like F (batch, M, N).

    The largest activation is subtracted first, so nothing overflows, however large F is.
    """
    shape = tuple(1 if axis in over else length for axis, length in enumerate(features.shape))
    powers = xp.exp(features - xp.reshape(xp.max(features, axis=over), shape))
    return powers / xp.reshape(xp.sum(powers, axis=over), shape)


@dataclass(frozen=True, slots=True)
class SoftmaxContentLoss:
    """sum (S - T)^2 / 2 of the softmaxed features S and T (eq. 12); ``over`` are the axes a softmax sums to 1 over."""

    over: tuple[int, ...]

    def target(self, xp: Namespace, features: Array) -> Array:
        """Return the softmaxed features, (batch, M, N)."""
        return softmax(xp, features, self.over)

    def loss(self, xp: Namespace, features: Array, target: Array) -> Array:
        """Return the layer's content loss, (batch,)."""
        return 0.5 * xp.sum(xp.square(softmax(xp, features, self.over) - target), axis=(1, 2))


@dataclass(frozen=True, slots=True)
class SoftmaxGramLoss:
    """sum (S^T S - T^T T)^2 / (4 N^2 M^2) of the softmaxed features S and T (eq. 13).

    A softmax over twice as many positions is half as large. Where the style picture has a number of positions of its
    own, its Gram matrix is therefore taken as that of M positions: what is compared, S^T S times M, does not depend on
    M. With as many positions in both pictures that is the equation as printed.
    """

    over: tuple[int, ...]

    def target(self, xp: Namespace, features: Array) -> Array:
        """Return M times the Gram matrix of the softmaxed features, (batch, N, N)."""
        return gram(xp, softmax(xp, features, self.over) * float(features.shape[1]))

    def loss(self, xp: Namespace, features: Array, target: Array) -> Array:
        """Return the layer's style loss, (batch,)."""
        difference = self.target(xp, features) - target
        return xp.mean(xp.square(difference), axis=(1, 2)) * (0.25 / float(features.shape[1]) ** 4)


content_swag_softmax = SoftmaxContentLoss(WHOLE_LAYER)
content_swag_channel_softmax = SoftmaxContentLoss(EACH_CHANNEL)
style_swag_softmax = SoftmaxGramLoss(WHOLE_LAYER)
style_swag_channel_softmax = SoftmaxGramLoss(EACH_CHANNEL)
