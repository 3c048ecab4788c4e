from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nstbench.suite.cell import Optimizer
from nstbench.transfer.adam import STAY, AdamState, adam_step, schedule
from nstbench.transfer.namespace import NumpyNamespace

XP: Any = NumpyNamespace()


def adam(placement: str = "pytorch", **changed: float) -> Optimizer:
    given = {"learning_rate": 5.0, "beta1": 0.99, "beta2": 0.999, "epsilon": 0.1} | changed
    return Optimizer(name="adam", epsilon_placement=placement, **given)  # type: ignore[arg-type]


def state(image: np.ndarray, best_total: float = np.inf) -> AdamState:
    return AdamState(image, image * 0, image * 0, image, np.full(len(image), best_total))


def by_the_paper(gradients: np.ndarray, start: float, inside: bool) -> list[float]:
    """Algorithm 1 of Kingma and Ba, a number at a time; epsilon beside the corrected or (not inside) the plain root."""
    x, m, v, found = start, 0.0, 0.0, []
    for t, g in enumerate(gradients, start=1):
        m, v = 0.99 * m + 0.01 * g, 0.999 * v + 0.001 * g * g
        corrected_m, corrected_v = m / (1 - 0.99**t), v / (1 - 0.999**t)
        epsilon = 0.1 if inside else 0.1 / np.sqrt(1 - 0.999**t)
        x = min(255.0, max(0.0, x - 5.0 * corrected_m / (np.sqrt(corrected_v) + epsilon)))
        found.append(x)
    return found


@pytest.mark.parametrize("placement", ["pytorch", "tensorflow"])
@pytest.mark.parametrize("size", [1e-4, 1.0, 1e6])
def test_steps_are_the_papers(placement: str, size: float) -> None:
    gradients = np.random.default_rng(0).normal(0.2, 1.0, 50) * size
    now, found = state(np.full((1, 1, 1, 1), 100.0)), []
    for gradient, row in zip(gradients, schedule(adam(placement), 0, 50), strict=True):
        now = adam_step(XP, now, np.array([1.0]), np.full((1, 1, 1, 1), gradient), row)
        found.append(now.image.item())
    np.testing.assert_allclose(found, by_the_paper(gradients, 100.0, placement == "pytorch"), rtol=1e-11)


def test_what_depends_on_the_step_is_in_float64() -> None:
    late = schedule(adam(beta2=0.999999), 0, 3)
    assert late.dtype == np.float64 and late.shape == (3, 6)
    np.testing.assert_allclose(late[:, 4], 5 * np.sqrt([1e-6, 1.999999e-6, 2.999997e-6]) / [0.01, 0.0199, 0.029701])
    np.testing.assert_allclose(late[:, 5], 0.1 * np.sqrt([1e-6, 1.999999e-6, 2.999997e-6]), rtol=1e-9)
    np.testing.assert_array_equal(schedule(adam("tensorflow"), 0, 9)[:, 5], 0.1)
    np.testing.assert_array_equal(late[:, 2:4], [[0.999999, 1 - 0.999999]] * 3)


def test_the_two_placements_differ_by_31_at_first() -> None:
    rows = [schedule(adam(placement), 0, 1)[0] for placement in ("tensorflow", "pytorch")]
    assert rows[0][5] / rows[1][5] == pytest.approx(1 / np.sqrt(0.001))


def test_a_schedule_goes_on() -> None:
    whole = schedule(adam(), 0, 12)
    np.testing.assert_array_equal(np.concatenate([schedule(adam(), 0, 5), schedule(adam(), 5, 7)]), whole)
    assert schedule(adam(), 3, 0).shape == (0, 6)


def test_settings_that_are_missing() -> None:
    with pytest.raises(ValueError, match="Adam needs"):
        schedule(Optimizer(name="lbfgs"), 0, 1)


def test_clipping() -> None:
    image = np.array([0.0, 1.0, 254.0, 255.0, 128.0]).reshape(1, 1, 5, 1)
    gradient = np.array([1.0, 1.0, -1.0, -1.0, 1.0]).reshape(1, 1, 5, 1)
    moved = adam_step(XP, state(image), np.array([1.0]), gradient, schedule(adam(epsilon=0.0), 0, 1)[0]).image
    np.testing.assert_allclose(moved.ravel(), [0, 0, 255, 255, 123])


def test_the_best_image_is_the_first_with_the_smallest_total() -> None:
    now = state(np.full((3, 1, 1, 1), 50.0))
    row = schedule(adam(epsilon=0.0), 0, 1)[0]
    totals = [[9.0, np.nan, np.inf], [4.0, 7.0, np.nan], [4.0, np.nan, np.inf], [5.0, 7.0, np.nan]]
    for total in totals:
        now = adam_step(XP, now, np.array(total), np.ones((3, 1, 1, 1)), row)
    np.testing.assert_array_equal(now.best_total, [4.0, 7.0, np.inf])
    # Each belongs to the image before its step: the second of them all, but for the third, which had no total.
    first = adam_step(XP, state(np.full((1, 1, 1, 1), 50.0)), np.zeros(1), np.ones((1, 1, 1, 1)), row).image.item()
    np.testing.assert_allclose(now.best_image.ravel(), [first, first, 50.0])


@pytest.mark.parametrize("size", [0.0, 1e-30, 1e15])
def test_staying_moves_nothing(size: float) -> None:
    random = np.random.default_rng(1)
    image, mean, variance = random.uniform(0, 255, (3, 2, 4, 4, 3))
    before = AdamState(image, mean * size, variance * size, image + 1, np.full(2, 5.0))
    after = adam_step(XP, before, np.array([3.0, 8.0]), random.normal(size=image.shape) * size, STAY[0])
    for name in ("image", "mean", "variance"):
        np.testing.assert_array_equal(getattr(after, name), getattr(before, name))
    np.testing.assert_array_equal(after.best_total, [3.0, 5.0])
    np.testing.assert_array_equal(after.best_image, [image[0], image[1] + 1])
