"""Loss formulas and their gradients with respect to the features, in closed form and in float64.

Written from the published formulas, apart from ``nstbench.transfer.losses``: what every backend is measured against.
F is one image's features, (positions M, channels N); A and P are the Gram matrix and the features it is compared with.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["FORMULAS", "content_loss", "loss_and_gradient", "style_loss"]

Floats = NDArray[np.float64]

FORMULAS = {"style": ("gatys", "mean", "normalised"), "content": ("sum", "half_sum", "mean")}
"""The formulas known here, by role."""


def style_loss(name: str, features: Floats, style: Floats) -> tuple[float, Floats]:
    """Return a Gram loss of F (M, N) against the style picture's features (M_a, N), and its gradient (M, N).

    With D = F^T F / M - A^T A / M_a and E = k sum D^2: dE/dF = 4 k F D / M, as D is symmetric (Gatys et al. 2015,
    eq. 4 to 6, but without their ReLU, which belongs to the network).
    """
    positions, channels = features.shape
    scale = {"gatys": 1 / (4 * channels**2), "mean": 1 / channels**2, "normalised": 1 / channels**4}[name]
    difference = features.T @ features / positions - style.T @ style / len(style)
    return scale * float(np.sum(difference**2)), 4 * scale / positions * (features @ difference)


def content_loss(name: str, features: Floats, content: Floats) -> tuple[float, Floats]:
    """Return k sum (F - P)^2 of two (M, N) arrays, and its gradient 2 k (F - P) (Gatys et al. 2015, eq. 1 and 2)."""
    scale = {"sum": 1.0, "half_sum": 0.5, "mean": 1 / features.size}[name]
    difference = features - content
    return scale * float(np.sum(difference**2)), 2 * scale * difference


def loss_and_gradient(role: str, name: str, features: NDArray[Any], target: NDArray[Any]) -> tuple[Floats, Floats]:
    """Return the losses (batch,) and gradients (batch, M, N) of features (batch, M, N) against (batch, M_a, N)."""
    formula = {"style": style_loss, "content": content_loss}[role]
    pairs = zip(np.asarray(features, np.float64), np.asarray(target, np.float64), strict=True)
    results = [formula(name, one, other) for one, other in pairs]
    return np.array([loss for loss, _ in results]), np.stack([gradient for _, gradient in results])
