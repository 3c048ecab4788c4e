"""The image a transfer starts from: the same, to the bit, on every backend."""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

__all__ = ["MIXED_NOISE", "noise_seed", "noisy", "start_image"]

MIXED_NOISE = 0.5
"""Share of uniform noise in ``init: mixed``; the rest is the content."""

Pixels = NDArray[np.uint8]


def start_image(
    init: str, content: Pixels, style: Pixels, seed: int, file: Pixels | None = None
) -> NDArray[np.float32]:
    """Return the image at iteration 0, (H, W, 3), in grey levels.

    ``content``; ``style``, resized to it; ``noise``, uniform in 0-255 and seeded; ``mixed``, half content and half that
    noise; or ``file``, the user's own picture, which has the content's size already.
    """
    if file is not None:
        return file.astype(np.float32)
    if init == "content":
        return content.astype(np.float32)
    if init == "style":
        from nstbench.images.resize import resize_to

        return resize_to(style, content.shape[0], content.shape[1]).astype(np.float32)
    # RandomState is a frozen stream: the same seed gives the same picture on every backend and NumPy version.
    noise = np.random.RandomState(seed).uniform(0.0, 255.0, content.shape)
    if init == "mixed":
        noise = MIXED_NOISE * noise + (1 - MIXED_NOISE) * content
    return noise.astype(np.float32)


def noise_seed(seed: int, content: str, style: str, repeat: int) -> int:
    """Return the seed of a repeat's noise: CRC-32 of ``<seed>:<content>:<style>:<repeat>``, the images by their names.

    Backend, backbone and layer set are no part of it: what is compared starts from the same image.
    """
    return zlib.crc32(f"{seed}:{content}:{style}:{repeat}".encode())


def noisy(image: NDArray[np.float32], level: float, seed: int) -> NDArray[np.float32]:
    """Return the image (H, W, 3) with Gaussian noise of standard deviation ``level`` grey levels, clipped to 0-255."""
    if level == 0:
        return image
    noise = np.random.RandomState(seed).normal(0.0, level, image.shape)
    return np.clip(image + noise, 0.0, 255.0).astype(np.float32)
