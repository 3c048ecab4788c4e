"""Sizes of images: Pillow's Lanczos filter, by the long side or to a given size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image

from nstbench.errors import ImageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["MIN_SIDE", "resize", "resize_to", "target_size"]

MIN_SIDE = 32
"""Pixels; below, the deepest layers of the networks have no positions left."""


def target_size(height: int, width: int, long_side: int) -> tuple[int, int]:
    """Return (height, width) with the longer at ``long_side`` px, the other rounded (half up) and at least 1 px.

    An image that is smaller already keeps its size.
    """
    longest = max(height, width)
    if longest <= long_side:
        return height, width
    scaled = [max(1, (2 * side * long_side + longest) // (2 * longest)) for side in (height, width)]
    return scaled[0], scaled[1]


def resize(array: NDArray[np.uint8], long_side: int, name: str = "the image") -> NDArray[np.uint8]:
    """Return an RGB image (height, width, 3) with its longer side at most ``long_side`` px; it is never enlarged.

    Raises ``ImageError`` naming the image if a side is below 32 px then.
    """
    before = (array.shape[0], array.shape[1])
    height, width = target_size(*before, long_side)
    if min(height, width) < MIN_SIDE:
        was = "" if (height, width) == before else f" after resizing from {before[1]}x{before[0]}"
        raise ImageError(
            f"image {name}: {width}x{height} px{was} is below {MIN_SIDE} px on a side. "
            "Use a larger picture or a larger image_size."
        )
    return resize_to(array, height, width)


def resize_to(array: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """Return an RGB image (any height, any width, 3) at exactly (height, width, 3), by Lanczos."""
    if array.shape[:2] == (height, width):
        return array.copy()
    import numpy as np  # here: a plan asks for sizes only, and does without

    return np.array(Image.fromarray(array).resize((width, height), Image.Resampling.LANCZOS))
