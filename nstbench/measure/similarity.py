"""How alike two pictures are."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["WINDOW", "ssim", "ssim_style"]

WINDOW = 11
"""Pixels on a side of the Gaussian window (sigma 1.5, cut at 3.5 sigma)."""


def ssim(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> tuple[float | None, str]:
    """Return the mean structural similarity of two uint8 RGB images (height, width, 3), and why it is None if it is.

    Wang, Bovik, Sheikh, Simoncelli: Image Quality Assessment, IEEE TIP 13(4), 2004, with the paper's settings:
    Gaussian window of 11 px and sigma 1.5, K1 = 0.01, K2 = 0.03, population covariance; the mean over pixels and
    channels. Raises ``ValueError`` if the images are not uint8 RGB of one size.
    """
    if a.shape != b.shape or a.ndim != 3 or a.dtype != "uint8" or b.dtype != "uint8":
        raise ValueError(f"SSIM needs two uint8 images of one size, not {a.dtype} {a.shape} and {b.dtype} {b.shape}")
    height, width = a.shape[:2]
    if min(height, width) < WINDOW:
        return None, f"SSIM needs {WINDOW} px on a side, the image has {width}x{height}"
    from skimage.metrics import structural_similarity

    value = structural_similarity(
        a, b, channel_axis=-1, data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )
    return float(value), ""


def ssim_style(result: NDArray[np.uint8], style: NDArray[np.uint8]) -> tuple[float | None, str]:
    """Return the SSIM of a result and the style picture, the latter resized (Lanczos) to the result's size."""
    from nstbench.images.resize import resize_to

    return ssim(result, resize_to(style, *result.shape[:2]))
