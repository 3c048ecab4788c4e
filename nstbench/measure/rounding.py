"""How much of a difference between two runs rounding alone can make."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["largest_relative", "perturbed"]

ROUNDING = 2.0**-23
"""Distance of 1 from the next larger float32: one rounding, relatively."""


def perturbed(start: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """Return a float32 image, 0-255, off by about one unit in the last place: x (1 + 2^-23 u), u uniform in [-1, 1].

    It stands for the same arithmetic in another order (another convolution algorithm, say): that, too, changes the
    image by about one rounding in the first step, and from there on the descent multiplies what it is given; it cannot
    tell a rounding of the image from one of the gradient. How far apart the losses end is therefore the spread of two
    correct roundings of one backend. (Another number of threads is not enough: on a CPU, torch shares out the sums and
    not their terms, and VGG19's losses on one and two threads are the same to the last bit.) Zeros stay, and nothing
    leaves 0-255.
    """
    import numpy as np

    noise = np.random.RandomState(seed).uniform(-1.0, 1.0, start.shape)
    return np.clip(start.astype(np.float64) * (1.0 + ROUNDING * noise), 0.0, 255.0).astype(np.float32)


def largest_relative(a: Sequence[float], b: Sequence[float]) -> float:
    """Return the largest |x - y| / max(|x|, |y|) of two rows of losses, from 0 to 2."""
    return max(_relative(x, y) for x, y in zip(a, b, strict=True))


def _relative(x: float, y: float) -> float:
    return abs(x - y) / max(abs(x), abs(y)) if x != y else 0.0
