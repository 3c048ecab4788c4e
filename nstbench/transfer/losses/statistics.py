"""Channel statistics as style: means and standard deviations, the diagonal of what a Gram matrix knows.

Li, Wang, Liu and Hou 2017 (arXiv:1701.01036, matching of batch normalisation's statistics) do it by optimisation; Huang
and Belongie 2017 (arXiv:1703.06868, eq. 13) train a network on the same statistics: AdaIN.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nstbench.transfer.namespace import Namespace

__all__ = ["ChannelStatistics", "style_adain"]

Array = Any

SMALL = 1e-5
"""Added to the variance, as AdaIN's code does: a channel that is 0 everywhere would have no finite gradient."""


@dataclass(frozen=True, slots=True)
class ChannelStatistics:
    """sum ((mu_x - mu_a)^2 + (sigma_x - sigma_a)^2) / N over the channels; sigma is the population's."""

    def target(self, xp: Namespace, features: Array) -> Array:
        """Return means and standard deviations, (batch, 2, N)."""
        mean = xp.mean(features, axis=1)
        centred = features - xp.reshape(mean, (-1, 1, features.shape[2]))
        return xp.stack([mean, xp.sqrt(xp.mean(xp.square(centred), axis=1) + SMALL)], axis=1)

    def loss(self, xp: Namespace, features: Array, target: Array) -> Array:
        """Return the layer's style loss, (batch,)."""
        return xp.sum(xp.square(self.target(xp, features) - target), axis=(1, 2)) / features.shape[2]


style_adain = ChannelStatistics()
