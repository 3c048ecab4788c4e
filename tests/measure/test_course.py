"""What a record says of how an optimisation went."""

from __future__ import annotations

import numpy as np
import pytest

from nstbench.measure.course import clipped, late_fall, moved


def image(*channels: float) -> np.ndarray:
    """A grey picture of 10 pixels whose first ones have these values."""
    made = np.full((2, 5, 3), 100.0, np.float32)
    made.reshape(-1)[: len(channels)] = channels
    return made


def test_moved_is_a_mean_over_pixels_and_channels() -> None:
    assert moved(image(103, 97), image()) == pytest.approx(6 / 30)
    assert moved(np.full((4, 4, 3), 200, np.uint8), np.full((4, 4, 3), 201, np.uint8)) == 1.0


def test_a_pixel_is_clipped_once_however_many_of_its_channels_are() -> None:
    assert clipped(image(0, 255, 0), image()) == 0.1
    assert clipped(image(0, 1, 2, 100, 255), image()) == 0.2
    assert clipped(image(0.01, 254.99), image()) == 0.0


def test_black_and_white_of_the_photograph_are_not_clipping() -> None:
    assert clipped(image(0, 255, 0), image(0, 255, 0)) == 0.0
    assert clipped(image(0), image(255)) == 0.1  # white turned black
    assert clipped(image(0, 100, 100, 255), image(0)) == 0.1
    assert clipped(image(0), image(), image(0)) == 0.0  # so it began


def test_late_fall_looks_at_the_last_tenth() -> None:
    totals = [100.0] * 19 + [80.0, 60.0]  # 20 steps; after 18 of them it was 100
    assert late_fall(totals) == pytest.approx(0.4)
    assert late_fall([1.0] * 10 + [2.0]) == -1.0
    assert late_fall([5.0] * 10) is None  # nine steps
    assert late_fall([5.0]) is None
    assert late_fall([0.0] * 11) is None
