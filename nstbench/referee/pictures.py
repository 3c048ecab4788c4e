"""What pictures alone say: structure, colours and edges, without a network."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nstbench.errors import NotApplicable
from nstbench.plugin.protocols import Exhibit

__all__ = ["edge_agreement", "histogram_distance", "ms_ssim"]

Pixels = NDArray[np.uint8]

MS_SSIM_SIDE = 160
"""Pixels that the short side must exceed: an 11 px window after four halvings."""
EDGE_SIDE = 11
"""Pixels on a side below which an edge map says nothing."""
EDGE_SIGMA = 2.0
"""Of the Gaussian before Canny's gradient, in pixels: brush strokes and noise are smoothed, contours stay."""
FLAT = 1e-4
"""Of the range 0-1 per pixel: a smaller gradient is no edge."""
EDGE_TOLERANCE = 1
"""Pixels by which an edge may have moved."""


def ms_ssim(exhibit: Exhibit) -> float:
    """Return the multi-scale structural similarity of the stylised picture to the content picture.

    Wang, Simoncelli, Bovik 2003, eq. 7, with the paper's five scales and weights, by ``pytorch-msssim``: Gaussian
    window of 11 px and sigma 1.5, K1 = 0.01, K2 = 0.03, RGB, mean over channels, float64 on the CPU. Raises
    ``NotApplicable`` for pictures of at most 160 px on the short side.
    """
    height, width = exhibit.image.shape[:2]
    if min(height, width) <= MS_SSIM_SIDE:
        raise NotApplicable(f"five scales need more than {MS_SSIM_SIDE} px on a side, the picture has {width}x{height}")
    import torch
    from pytorch_msssim import ms_ssim as published

    def tensor(pixels: Pixels) -> torch.Tensor:
        return torch.from_numpy(pixels.astype(np.float64)).permute(2, 0, 1)[None]

    with torch.no_grad():
        return float(published(tensor(exhibit.image), tensor(exhibit.content), data_range=255))


def histogram_distance(exhibit: Exhibit) -> float:
    """Return the distance of the colour histograms to the style picture, in grey levels.

    The 1-D Wasserstein distance (earth mover's, Rubner, Tomasi, Guibas 2000; in one dimension the area between the
    cumulative distributions) of each RGB channel, mean over channels: how far, on average, an intensity must move.
    """
    difference = _cumulative(exhibit.image) - _cumulative(exhibit.style)
    return float(np.abs(difference).sum(axis=1).mean())


def edge_agreement(exhibit: Exhibit) -> float:
    """Return the F1 score of the stylised picture's edges against the content picture's, 0 to 1.

    Canny (1986) by scikit-image on the luminance, sigma 2 px, thresholds at the 80th and 90th percentile of each
    picture's own gradient, so that contrast does not count. An edge pixel is met if the other picture has one within
    1 px: precision and recall as in Martin, Fowlkes, Malik 2004. Raises ``NotApplicable`` for pictures that are too
    small or have no edges.
    """
    height, width = exhibit.image.shape[:2]
    if min(height, width) < EDGE_SIDE:
        raise NotApplicable(f"edges need {EDGE_SIDE} px on a side, the picture has {width}x{height}")
    found, expected = _edges(exhibit.image), _edges(exhibit.content)
    if not expected.any():
        raise NotApplicable("the content picture has no edges")
    if not found.any():
        return 0.0
    precision, recall = _met(found, expected), _met(expected, found)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _cumulative(pixels: Pixels) -> NDArray[np.float64]:
    """Return the cumulative distribution of each channel, (3, 256)."""
    counts = [np.bincount(pixels[..., channel].ravel(), minlength=256) for channel in range(3)]
    return np.cumsum(counts, axis=1) / pixels[..., 0].size


def _edges(pixels: Pixels) -> NDArray[np.bool_]:
    from scipy.ndimage import gaussian_gradient_magnitude
    from skimage.color import rgb2gray
    from skimage.feature import canny

    grey = rgb2gray(pixels)
    edges: NDArray[np.bool_] = canny(grey, EDGE_SIGMA, low_threshold=0.8, high_threshold=0.9, use_quantiles=True)
    # Percentiles find edges in anything, in the rounding of a picture of one colour, too.
    steep: NDArray[np.bool_] = gaussian_gradient_magnitude(grey, EDGE_SIGMA) > FLAT
    return edges & steep


def _met(edges: NDArray[np.bool_], others: NDArray[np.bool_]) -> float:
    """Return the share of edge pixels that the other picture has, too."""
    from scipy.ndimage import binary_dilation

    near = binary_dilation(others, np.ones((3, 3), bool), iterations=EDGE_TOLERANCE)
    return float(near[edges].mean())
