"""Total variation of the image itself (Rudin, Osher and Fatemi 1992): a price on noise, not on edges."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nstbench.transfer.namespace import Namespace

__all__ = ["VARIATIONS", "isotropic_variation", "total_variation"]

Array = Any

SMOOTH = 1e-6
"""Square grey levels under the isotropic root, whose slope is infinite where neighbours are equal: 0.001 a pixel."""


def total_variation(xp: Namespace, image: Array) -> Array:
    """Return the anisotropic total variation of (batch, H, W, 3) images, (batch,), in grey levels.

    The sum of absolute differences of neighbouring pixels (the L1 form of Rudin, Osher and Fatemi 1992, as in
    ``tf.image.total_variation``).
    """
    vertical = xp.sum(xp.abs(image[:, 1:] - image[:, :-1]), axis=(1, 2, 3))
    horizontal = xp.sum(xp.abs(image[:, :, 1:] - image[:, :, :-1]), axis=(1, 2, 3))
    return vertical + horizontal


def isotropic_variation(xp: Namespace, image: Array) -> Array:
    """Return the isotropic total variation of (batch, H, W, 3) images, (batch,), in grey levels.

    sum sqrt(dx^2 + dy^2 + 1e-6) over pixels and channels (Rudin, Osher and Fatemi 1992): the length of the gradient,
    which is the same for an edge in any direction. Differences are to the next pixel to the right and below; one across
    the border is 0.
    """
    down = xp.square(image[:, 1:] - image[:, :-1])
    right = xp.square(image[:, :, 1:] - image[:, :, :-1])
    parts = [down[:, :, :-1] + right[:, :-1], down[:, :, -1:], right[:, -1:]]
    inside, right_border, bottom = (xp.sum(xp.sqrt(part + SMOOTH), axis=(1, 2, 3)) for part in parts)
    return inside + right_border + bottom


VARIATIONS: Mapping[str, Callable[[Namespace, Array], Array]] = {
    "anisotropic": total_variation,
    "isotropic": isotropic_variation,
}
"""The kinds of total variation that a suite can name."""
