"""Pictures in motion, as WebP.

Of 60 frames of 512 x 512 px, WebP makes 2.4 MB in a second, in full colour; as a GIF they are 15 MB of 256 colours and
take half a minute (Pillow 12, one core). Every browser of the last years shows WebP.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nstbench.files import replacing
from nstbench.images.resize import resize_to, target_size

__all__ = ["FRAMES", "save_webp", "thinned"]

FRAMES = 60
FRAME_MS, LAST_MS = 80, 2000
"""How long a frame is shown, and the last one, which is the result."""
LONG_SIDE = 512
"""Pixels: the result itself lies beside it in full size."""
QUALITY = 70


def thinned(items: Sequence[Path], most: int = FRAMES) -> list[Path]:
    """Return at most ``most`` of them, evenly spread, with the first and the last."""
    if len(items) <= most:
        return list(items)
    return [items[round(i * (len(items) - 1) / (most - 1))] for i in range(most)]


def save_webp(frames: Sequence[NDArray[np.uint8]], path: Path) -> None:
    """Write frames (height, width, 3) of one size as an endless animation, atomically; large ones are made smaller.

    Raises ``RunError`` where the file cannot be written.
    """
    size = target_size(frames[0].shape[0], frames[0].shape[1], LONG_SIDE)
    first, *others = [Image.fromarray(resize_to(frame, *size)) for frame in frames]
    durations = [FRAME_MS] * len(others) + [LAST_MS]
    with replacing(path) as temporary:
        # The quickest method is 10 % larger than the slowest, in a third of the time.
        first.save(
            temporary,
            format="WEBP",
            save_all=True,
            append_images=others,
            duration=durations,
            loop=0,
            quality=QUALITY,
            method=0,
        )
