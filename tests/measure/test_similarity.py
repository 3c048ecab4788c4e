from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from nstbench.measure.similarity import ssim, ssim_style


def blur(plane: np.ndarray) -> np.ndarray:
    """Gaussian means of all 11 x 11 windows that lie inside the image (Wang et al. 2004, section III.B)."""
    weights = np.exp(-(np.arange(-5, 6) ** 2) / (2 * 1.5**2))
    window = np.outer(weights, weights) / weights.sum() ** 2
    views = np.lib.stride_tricks.sliding_window_view(plane, (11, 11))
    return np.einsum("ijkl,kl->ij", views, window)


def by_definition(a: np.ndarray, b: np.ndarray) -> float:
    """Equation 13, averaged over the windows inside the image and the channels."""
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    values = []
    for x, y in zip(a.astype(float).transpose(2, 0, 1), b.astype(float).transpose(2, 0, 1), strict=True):
        mx, my = blur(x), blur(y)
        vx, vy, vxy = blur(x * x) - mx**2, blur(y * y) - my**2, blur(x * y) - mx * my
        values.append(((2 * mx * my + c1) * (2 * vxy + c2) / ((mx**2 + my**2 + c1) * (vx + vy + c2))).mean())
    return float(np.mean(values))


@pytest.fixture
def pair() -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    smooth = np.clip(generator.normal(128, 60, (8, 9, 3)), 0, 255).astype(np.uint8)
    a = np.asarray(Image.fromarray(smooth).resize((52, 40), Image.Resampling.BICUBIC))
    b = np.clip(a + generator.normal(0, 25, a.shape), 0, 255).astype(np.uint8)
    return a, b


def test_ssim_is_the_paper_s(pair):
    value, reason = ssim(*pair)
    assert reason == ""
    assert 0.2 < value < 0.9
    assert value == pytest.approx(by_definition(*pair), abs=1e-6)
    assert type(value) is float


def test_bounds(pair):
    assert ssim(pair[0], pair[0]) == (pytest.approx(1.0), "")
    assert ssim(pair[0], 255 - pair[0])[0] < 0


def test_smallest_window(pair):
    a, b = (image[:11, :11] for image in pair)
    assert ssim(a, b)[0] == pytest.approx(by_definition(a, b), abs=1e-6)
    value, reason = ssim(a[:10], b[:10])
    assert value is None
    assert "11 px" in reason
    assert "11x10" in reason


def test_wrong_images(pair):
    a, b = pair
    for wrong in (b[:20], b.astype(np.float32), b[..., 0]):
        with pytest.raises(ValueError, match="two uint8 images"):
            ssim(a, wrong)


def test_style_is_resized_to_the_result(pair):
    a, _ = pair
    style = np.asarray(Image.fromarray(a).resize((104, 60), Image.Resampling.BICUBIC))
    resized = np.asarray(Image.fromarray(style).resize((52, 40), Image.Resampling.LANCZOS))
    assert ssim_style(a, style) == ssim(a, resized)
