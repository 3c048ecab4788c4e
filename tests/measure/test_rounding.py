from __future__ import annotations

import numpy as np
import pytest

from nstbench.measure.rounding import largest_relative, perturbed


def test_the_start_is_off_by_a_rounding_or_two() -> None:
    start = np.random.RandomState(0).uniform(0, 255, (1, 40, 40, 3)).astype(np.float32)
    start[0, 0], start[0, 1] = 0.0, 255.0
    other = perturbed(start, 1)
    steps = np.abs(other.view(np.int32) - start.view(np.int32))
    assert other.dtype == np.float32
    assert steps.max() == 2  # in units of the last place
    assert 0.3 < (steps > 0).mean() < 0.9
    assert (other[0, 0] == 0).all() and other.max() == 255.0
    assert np.array_equal(other, perturbed(start, 1)) and not np.array_equal(other, perturbed(start, 2))


def test_the_largest_relative_difference_counts() -> None:
    assert largest_relative([10.0, 4.0, 0.0], [10.0, 5.0, 0.0]) == pytest.approx(0.2)
    assert largest_relative([0.0], [3.0]) == 1.0
    assert largest_relative([1.0, 2.0], [1.0, 2.0]) == 0.0
