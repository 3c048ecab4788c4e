"""The sliced Wasserstein distance of features (Heitz, Vanhoey, Chambon and Belcour, CVPR 2021, arXiv:2006.07229).

Two sets of points are alike if their projections on every line are: the sorted projections are compared, and so the
whole distribution of features, of which a Gram matrix has the second moments only.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nstbench.transfer.namespace import Namespace

__all__ = ["SlicedWasserstein", "directions", "style_sliced_wasserstein"]

Array = Any

SEED = 0


@cache
def directions(channels: int) -> NDArray[np.float64]:
    """Return as many random unit vectors as there are channels, as rows (N, N).

    The paper draws new ones for every step. Here they are always the same, from a frozen random stream, so that the
    loss is one function of the image on every backend and L-BFGS can descend on it.
    """
    drawn = np.random.RandomState(SEED).normal(size=(channels, channels))
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True))


@dataclass(frozen=True, slots=True)
class SlicedWasserstein:
    """|sort(F V) - sort(A V)|^2 / M, the mean over directions V: the paper's expectation of distances on lines."""

    def target(self, xp: Namespace, features: Array) -> Array:
        """Return the sorted projections, (batch, directions, M)."""
        lines = xp.constant(directions(features.shape[2]), features)
        return xp.sort(xp.matmul(lines, xp.transpose(features)))

    def loss(self, xp: Namespace, features: Array, target: Array) -> Array:
        """Return the layer's style loss, (batch,)."""
        difference = self.target(xp, features) - _resampled(xp, target, features.shape[1])
        return xp.mean(xp.square(difference), axis=(1, 2))


def _resampled(xp: Namespace, ordered: Array, count: int) -> Array:
    """Return the quantiles (k + 1/2) / count of sorted values (..., M), linear between those at (j + 1/2) / M."""
    known = ordered.shape[-1]
    if known == count:
        return ordered
    place = np.clip((np.arange(count) + 0.5) * known / count - 0.5, 0, known - 1)
    below = np.floor(place).astype(np.int64)
    part = xp.constant(place - below, ordered)
    low, high = xp.take(ordered, below), xp.take(ordered, np.minimum(below + 1, known - 1))
    return low + part * (high - low)


style_sliced_wasserstein = SlicedWasserstein()
