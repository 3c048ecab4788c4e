"""Adam (Kingma and Ba 2015, arXiv:1412.6980), written once; what depends on the step number is worked out in float64.

With m and v the running means of the gradient and its square, both placements of epsilon are the one update

    x <- x - step * m / (sqrt(v) + eps)

with ``step = lr * sqrt(1 - beta2^t) / (1 - beta1^t)`` and eps = epsilon (``tensorflow``: added to the uncorrected root)
or eps = epsilon * sqrt(1 - beta2^t) (``pytorch``: added to the corrected root, Algorithm 1 of the paper).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nstbench.suite.cell import Optimizer
from nstbench.transfer.namespace import Namespace

__all__ = ["STAY", "AdamState", "adam_step", "schedule", "stays"]

Array = Any

STAY = np.array([[1.0, 0.0, 1.0, 0.0, 0.0, 1.0]])
"""The schedule of one step that evaluates the losses and moves nothing."""


class AdamState(NamedTuple):
    """Images (batch, H, W, 3) or (batch, 3, H, W), moments of their shape; ``best_total`` (batch,)."""

    image: Array
    mean: Array
    variance: Array
    best_image: Array
    best_total: Array


def schedule(optimizer: Optimizer, start: int, count: int) -> NDArray[np.float64]:
    """Return (count, 6) scalars of the steps start+1 ... start+count: beta1, 1-beta1, beta2, 1-beta2, step, eps."""
    beta1, beta2 = _given(optimizer.beta1), _given(optimizer.beta2)
    t = np.arange(start + 1, start + count + 1, dtype=np.float64)
    root = np.sqrt(1.0 - beta2**t)
    step = _given(optimizer.learning_rate) * root / (1.0 - beta1**t)
    eps = _given(optimizer.epsilon) * (root if optimizer.epsilon_placement == "pytorch" else np.ones_like(root))
    fixed = np.broadcast_to([beta1, 1.0 - beta1, beta2, 1.0 - beta2], (count, 4))
    return np.column_stack([fixed, step, eps])


def stays(row: Sequence[float]) -> bool:
    """Say whether a row of a schedule is ``STAY``'s: a step that needs no gradient."""
    return bool(list(row) == STAY[0].tolist())


def adam_step(xp: Namespace, state: AdamState, total: Array, gradient: Array, row: Array) -> AdamState:
    """Take one step from ``state``, whose image has the losses ``total`` and their ``gradient``, and clip to 0-255.

    ``row`` is one row of a ``schedule``. The best image so far is the first one with the smallest total.
    """
    better = xp.reshape(total < state.best_total, (-1, 1, 1, 1))
    best_image = xp.where(better, state.image, state.best_image)
    best_total = xp.where(total < state.best_total, total, state.best_total)
    mean = row[0] * state.mean + row[1] * gradient
    variance = row[2] * state.variance + row[3] * xp.square(gradient)
    image = xp.clip(state.image - row[4] * mean / (xp.sqrt(variance) + row[5]), 0.0, 255.0)
    return AdamState(image, mean, variance, best_image, best_total)


def _given(value: float | None) -> float:
    if value is None:
        raise ValueError("Adam needs learning_rate, beta1, beta2 and epsilon")
    return value
