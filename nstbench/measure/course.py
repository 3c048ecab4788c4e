"""How an optimisation went: how far the image moved, how much of it was clipped, whether it had come to rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.floating[Any]] | NDArray[np.uint8]

__all__ = ["LIMITS", "clipped", "late_fall", "moved"]

LIMITS = (0.0, 255.0)
"""Grey levels that an image is clipped to after each step."""


def moved(image: Pixels, start: Pixels) -> float:
    """Return the mean |image - start| in grey levels over all pixels and channels; both (H, W, 3), RGB 0-255."""
    import numpy as np

    return float(np.abs(np.asarray(image, np.float64) - start).mean())


def clipped(image: Pixels, *before: Pixels) -> float:
    """Return the share of pixels of ``image`` (H, W, 3) that the optimisation drove into the limits of the range.

    A pixel counts if one of its channels is exactly 0 or 255 now and was not at that limit in any of the pictures
    ``before`` (the content picture and the start image): black and white that a photograph has of its own say nothing
    about the optimisation. Whether it would push those further cannot be seen, so this is a lower bound.
    """
    import numpy as np

    hit = np.zeros(image.shape, dtype=bool)
    for limit in LIMITS:
        hit |= (image == limit) & ~np.any([picture == limit for picture in before], axis=0)
    return float(hit.any(axis=-1).mean())


def late_fall(totals: Sequence[float]) -> float | None:
    """Return by what part of itself the total fell over the last tenth of the steps; negative where it rose.

    ``totals`` has the n + 1 losses of n steps. None for fewer than 10 steps, which have no tenth, and where the total
    is 0 or less.
    """
    steps = len(totals) - 1
    before = totals[9 * steps // 10]
    return (before - totals[-1]) / before if steps >= 10 and before > 0 else None
