"""What the released code of SWAG (Wang, Li and Vasconcelos, CVPR 2021) runs: deep features times 0.001, no softmax.

A factor a on the features multiplies a Gram loss by a^4 and a content loss by a^2. So this takes the deep layers out of
the style loss (1e-12), and weakens a deep content layer by 1e-6.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nstbench.plugin.protocols import LossTerm
from nstbench.transfer.losses.content import content_mean
from nstbench.transfer.losses.gram import style_normalised
from nstbench.transfer.namespace import Namespace

__all__ = ["DeepScaled", "content_swag_scaled", "style_swag_scaled"]

Array = Any

SCALE = 0.001
DEEP = 16
"""The stride from which a layer is deep: that of ResNet's third and fourth stage (16 and 32), which the code scales."""


@dataclass(frozen=True, slots=True)
class DeepScaled:
    """``term`` with the features of layers of stride ``DEEP`` or more times ``SCALE``; its loss grows by a^degree."""

    term: LossTerm
    degree: int
    stride: int = 1

    def at(self, stride: int) -> DeepScaled:
        """Return the same formula for a layer of this stride."""
        return DeepScaled(self.term, self.degree, stride)

    def target(self, xp: Namespace, features: Array) -> Array:
        """Return the target of the unscaled features: the factor is taken out of the loss."""
        return self.term.target(xp, features)

    def loss(self, xp: Namespace, features: Array, target: Array) -> Array:
        """Return the layer's loss, (batch,)."""
        factor = SCALE**self.degree if self.stride >= DEEP else 1.0
        return self.term.loss(xp, features, target) * factor


style_swag_scaled = DeepScaled(style_normalised, degree=4)
content_swag_scaled = DeepScaled(content_mean, degree=2)
