"""The image at iteration 0 and its noise, which no backend has a part in."""

from __future__ import annotations

import numpy as np
import pytest

from nstbench.transfer.start import noise_seed, noisy, start_image

CONTENT = np.random.default_rng(1).integers(40, 216, (48, 64, 3), dtype=np.uint8)
STYLE = np.random.default_rng(2).integers(0, 256, (40, 40, 3), dtype=np.uint8)


def test_mixed_is_half_content_and_half_the_noise_of_that_seed() -> None:
    mixed, noise = (start_image(init, CONTENT, STYLE, 3) for init in ("mixed", "noise"))
    np.testing.assert_allclose(mixed, 0.5 * CONTENT + 0.5 * noise, atol=1e-4)
    assert (mixed != start_image("mixed", CONTENT, STYLE, 4)).any()


def test_a_file_is_taken_as_it_is() -> None:
    file = CONTENT[::-1]
    np.testing.assert_array_equal(start_image("file:x.png", CONTENT, STYLE, 0, file), file)


def test_noise_has_its_standard_deviation_in_grey_levels() -> None:
    start = start_image("content", CONTENT, STYLE, 0)
    difference = noisy(start, 2.0, noise_seed(0, "a", "b", 0)) - start
    assert difference.std() == pytest.approx(2.0, rel=0.02)
    assert abs(difference.mean()) < 0.1
    assert noisy(start, 2.0, 1).dtype == np.float32


def test_noise_stays_in_range_and_none_is_none() -> None:
    white = np.full((8, 8, 3), 255.0, dtype=np.float32)
    assert noisy(white, 5.0, 0).max() == 255.0
    np.testing.assert_array_equal(noisy(white, 0.0, 0), white)


def test_the_seed_depends_on_suite_seed_images_and_repeat() -> None:
    # Pinned: another hash would make stored repeats another experiment.
    assert noise_seed(0, "photo", "print", 0) == 3904363267
    points = [(0, "a", "b", 0), (1, "a", "b", 0), (0, "b", "a", 0), (0, "a", "c", 0), (0, "a", "b", 1)]
    assert len({noise_seed(*point) for point in points}) == len(points)
