"""StyleEval: three scores of a stylised picture, each 0 to 1, by VGG19's features.

Wang, Zhao, Chen, Zuo, Li, Xing, Lu: Evaluate and improve the quality of neural style transfer, Computer Vision and
Image Understanding 207, 2021. Their code pools by averages; the network here is the stock one, which pools by maxima.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nstbench.errors import NotApplicable
from nstbench.plugin.protocols import Exhibit

__all__ = ["best_matches", "content_fidelity", "distinct_patches", "global_effects", "local_patterns"]

Array = NDArray[np.float64]
Pixels = NDArray[np.uint8]

CONTENT = ("block4_conv1", "block5_conv1")
GLOBAL = ("block2_conv1", "block3_conv1", "block4_conv1", "block5_conv1")
LOCAL = ("block3_conv1", "block4_conv1")
"""Layers of VGG19 that each score looks at; the announcements (``nstbench.referee.builtin``) must name them."""

BINS = 128
"""Bins of a channel's histogram, two grey levels each."""
TIE = 1e-12
"""Cosines that differ by less are equal: of equal style patches the first is the match, whatever the rounding."""


def content_fidelity(exhibit: Exhibit) -> float:
    """Return the mean cosine of the features of the stylised and the content picture."""
    image, content = exhibit.features("image"), exhibit.features("content")
    return float(np.mean([_cosine(image[layer], content[layer]) for layer in CONTENT]))


def global_effects(exhibit: Exhibit) -> float:
    """Return half the mean cosine of the Gram matrices, plus half that of the RGB histograms, to the style picture.

    Histograms have 128 bins over the whole range 0-255.
    """
    image, style = exhibit.features("image"), exhibit.features("style")
    grams = [_cosine(_gram(image[layer]), _gram(style[layer])) for layer in GLOBAL]
    pairs = zip(_histograms(exhibit.image), _histograms(exhibit.style), strict=True)
    return float(0.5 * np.mean(grams) + 0.5 * np.mean([_cosine(a, b) for a, b in pairs]))


def local_patterns(exhibit: Exhibit) -> float:
    """Return half the mean cosine of each 3x3 patch with its best match in the style, plus half the variety.

    The variety is the number of distinct style patches that are somebody's best match, over all distinct ones. Raises
    ``NotApplicable`` for pictures without 3x3 patches.
    """
    image, style = exhibit.features("image"), exhibit.features("style")
    similarity, variety = [], []
    for layer in LOCAL:
        ours = _map(image[layer], exhibit.image, layer)
        theirs = _map(style[layer], exhibit.style, layer)
        cosines, matches = best_matches(ours, theirs)
        similarity.append(float(cosines.mean()))
        variety.append(len(np.unique(matches)) / distinct_patches(theirs))
    return float(0.5 * np.mean(similarity) + 0.5 * np.mean(variety))


def best_matches(ours: Array, theirs: Array) -> tuple[Array, NDArray[np.intp]]:
    """Return, for each 3x3 patch of ``ours`` (h, w, N), the largest cosine with one of ``theirs``, and its index.

    A patch's inner product is the sum of nine positions' products, so positions are multiplied once and the products
    added with nine shifts, a row of patches at a time: memory of 4 w H W numbers, not of (h w) (H W).
    """
    their_norms = _patch_norms(theirs)
    our_norms = _patch_norms(ours)
    flat = theirs.reshape(-1, theirs.shape[2]).T
    rows: deque[Array] = deque(maxlen=3)
    cosines, matches = [], []
    for y, row in enumerate(ours):
        rows.append((row @ flat).reshape(len(row), *theirs.shape[:2]))
        if len(rows) == 3:
            products = _patch_products(rows) / np.where(their_norms > 0, their_norms, 1)
            products = products.reshape(len(products), -1) / np.where(our_norms > 0, our_norms, 1)[y - 2, :, None]
            best = products.max(axis=1)
            cosines.append(best)
            matches.append(np.argmax(products >= best[:, None] - TIE, axis=1))
    return np.concatenate(cosines), np.concatenate(matches)


def distinct_patches(features: Array) -> int:
    """Return the number of 3x3 patches of (H, W, N) features that differ in direction."""
    norms = _patch_norms(features)
    seen: set[bytes] = set()
    for y, row in enumerate(norms):
        for x, norm in enumerate(row):
            patch = features[y : y + 3, x : x + 3] / (norm if norm > 0 else 1)
            seen.add((np.round(patch, 6) + 0.0).astype(np.float32).tobytes())  # + 0.0: there is but one zero
    return len(seen)


def _patch_products(rows: Sequence[Array]) -> Array:
    """Return the inner products of a row of patches, (w - 2, H - 2, W - 2), from those of three rows of positions."""
    width, height, breadth = rows[0].shape
    total = np.zeros((width - 2, height - 2, breadth - 2))
    for dy, products in enumerate(rows):
        for dx in range(3):
            total += products[dx : dx + width - 2, dy : dy + height - 2, dx : dx + breadth - 2]
    return total


def _patch_norms(features: Array) -> Array:
    squares = np.square(features).sum(axis=2)
    height, width = squares.shape
    windows = [squares[dy : dy + height - 2, dx : dx + width - 2] for dy in range(3) for dx in range(3)]
    norms: Array = np.sqrt(np.sum(windows, axis=0))
    return norms


def _map(features: Array, pixels: Pixels, layer: str) -> Array:
    """Return (positions, N) as (height, width, N): VGG19 halves the picture, rounding down, before each block."""
    halvings = int(layer.removeprefix("block").partition("_")[0]) - 1
    height, width = (side >> halvings for side in pixels.shape[:2])
    if height * width != len(features):
        raise NotApplicable(f"{layer} has {len(features)} positions, not {height}x{width}")
    if min(height, width) < 3:
        raise NotApplicable(f"{layer} has no 3x3 patches, only {width}x{height} positions")
    return features.reshape(height, width, -1)


def _gram(features: Array) -> Array:
    return features.T @ features


def _histograms(pixels: Pixels) -> list[Array]:
    channels = (pixels[..., channel] for channel in range(3))
    return [np.histogram(channel, bins=BINS, range=(0, 256))[0].astype(np.float64) for channel in channels]


def _cosine(a: Array, b: Array) -> float:
    norms = np.linalg.norm(a) * np.linalg.norm(b)
    return float(np.vdot(a, b) / norms) if norms > 0 else 0.0
