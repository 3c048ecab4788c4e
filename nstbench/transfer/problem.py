"""Transfers to be run together, and what came of each; framework-free."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nstbench.suite.cell import Optimizer

__all__ = ["Block", "Diverged", "OnBlock", "Outcome", "Problem"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Start images (batch, H, W, 3) RGB 0-255; ``targets`` are the session's own; ``weights`` is (batch, terms).

    A block is at most ``block`` steps, and one ends after every ``every`` steps, where that is not 0.
    """

    start: NDArray[np.float32]
    targets: Any
    weights: NDArray[np.float64]
    optimizer: Optimizer
    iterations: int
    block: int = 1
    every: int = 0


@dataclass(frozen=True, slots=True)
class Block:
    """Steps taken between two looks at the device: ``losses`` is (steps, batch, columns of the objective).

    ``images`` fetches what they made, (batch, H, W, 3); nobody has to.
    """

    first: int
    seconds: float
    losses: NDArray[np.float64]
    images: Callable[[], NDArray[Any]]

    @property
    def done(self) -> int:
        """Steps taken in all."""
        return self.first + len(self.losses)


OnBlock = Callable[[Block], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """``losses`` row i belongs to the image after i steps; images are (H, W, 3) float RGB 0-255."""

    image: NDArray[Any]
    best_image: NDArray[Any]
    best_iteration: int
    losses: NDArray[np.float64]
    evaluations: int
    message: str = ""


@dataclass(eq=False)
class Diverged(Exception):  # noqa: N818 - an outcome, not a mistake
    """A total loss is not finite; ``losses`` holds the rows up to and including that one."""

    iteration: int
    losses: NDArray[np.float64] = field(repr=False)

    def __str__(self) -> str:
        return f"the loss is not finite at iteration {self.iteration}"
