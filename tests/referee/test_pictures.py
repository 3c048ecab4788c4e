from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.stats import wasserstein_distance

from nstbench.errors import NotApplicable
from nstbench.referee.pictures import edge_agreement, histogram_distance, ms_ssim

Make = Callable[..., Any]


def test_histogram_distance_is_scipys_wasserstein_distance(exhibit: Make) -> None:
    shown = exhibit()
    pairs = [(shown.image[..., i].ravel(), shown.style[..., i].ravel()) for i in range(3)]
    expected = np.mean([wasserstein_distance(a, b) for a, b in pairs])
    assert histogram_distance(shown) == pytest.approx(expected, rel=1e-9)


def test_a_picture_as_bright_as_can_be_is_a_whole_range_away_from_black(exhibit: Make) -> None:
    black = np.zeros((8, 9, 3), np.uint8)
    assert histogram_distance(exhibit(image=black + 255, style=np.zeros((5, 4, 3), np.uint8))) == 255
    assert histogram_distance(exhibit(image=black, style=black)) == 0


def test_edges_of_a_picture_agree_with_themselves_whatever_the_contrast(exhibit: Make) -> None:
    shown = exhibit(size=(64, 80))
    assert edge_agreement(exhibit(image=shown.content, content=shown.content)) == 1
    pale = (shown.content // 2 + 60).astype(np.uint8)
    assert edge_agreement(exhibit(image=pale, content=shown.content)) > 0.9


def test_edges_may_move_by_one_pixel_and_no_more(exhibit: Make) -> None:
    content = np.zeros((64, 64, 3), np.uint8)
    content[:, 32:] = 200
    near, far = np.zeros_like(content), np.zeros_like(content)
    near[:, 33:], far[:, 36:] = 200, 200
    assert edge_agreement(exhibit(image=near, content=content)) == 1
    assert edge_agreement(exhibit(image=far, content=content)) == 0


def test_a_picture_without_edges(exhibit: Make) -> None:
    flat, shown = np.full((40, 48, 3), 90, np.uint8), exhibit()
    assert edge_agreement(exhibit(image=flat)) == 0
    with pytest.raises(NotApplicable, match="the content picture has no edges"):
        edge_agreement(exhibit(image=shown.image, content=flat))


def test_tiny_pictures_have_no_value_and_a_reason(exhibit: Make) -> None:
    with pytest.raises(NotApplicable, match="edges need 11 px on a side, the picture has 9x10"):
        edge_agreement(exhibit(size=(10, 9)))
    with pytest.raises(NotApplicable, match="five scales need more than 160 px on a side, the picture has 160x200"):
        ms_ssim(exhibit(size=(200, 160)))
    assert histogram_distance(exhibit(size=(1, 1))) >= 0


@pytest.mark.torch
def test_ms_ssim_is_the_product_of_five_scales(exhibit: Make) -> None:
    shown = exhibit(size=(161, 177))
    assert ms_ssim(exhibit(image=shown.content, content=shown.content)) == pytest.approx(1, abs=1e-12)
    noise = np.random.default_rng(0).normal(0, 12, shown.content.shape)
    noisy = np.clip(shown.content + noise, 0, 255).astype(np.uint8)
    assert ms_ssim(exhibit(image=noisy, content=shown.content)) == pytest.approx(
        np.mean([_reference(noisy[..., i], shown.content[..., i]) for i in range(3)]),
        rel=1e-5,  # the library's window is in single precision
    )


def _reference(a: np.ndarray, b: np.ndarray) -> float:
    """Wang, Simoncelli, Bovik 2003, eq. 7, for one channel."""
    from scipy.ndimage import correlate1d

    window = np.exp(-((np.arange(11) - 5) ** 2) / (2 * 1.5**2))
    window /= window.sum()

    def blur(x: np.ndarray) -> np.ndarray:
        return correlate1d(correlate1d(x, window, axis=0), window, axis=1)[5:-5, 5:-5]

    def halve(x: np.ndarray) -> np.ndarray:
        # An odd side is padded by a row of zeros that count, as the library does.
        padded = np.pad(x, [(side % 2, side % 2) for side in x.shape])
        height, width = (side // 2 * 2 for side in padded.shape)
        return padded[:height, :width].reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3))

    x, y, product = a.astype(float), b.astype(float), 1.0
    for scale, weight in enumerate((0.0448, 0.2856, 0.3001, 0.2363, 0.1333)):
        if scale:
            x, y = halve(x), halve(y)
        mx, my = blur(x), blur(y)
        vx, vy, both = blur(x * x) - mx**2, blur(y * y) - my**2, blur(x * y) - mx * my
        structure = (2 * both + (0.03 * 255) ** 2) / (vx + vy + (0.03 * 255) ** 2)
        luminance = (2 * mx * my + (0.01 * 255) ** 2) / (mx**2 + my**2 + (0.01 * 255) ** 2)
        product *= float(np.mean(structure * luminance if scale == 4 else structure)) ** weight
    return product
