from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nstbench.images.resize import resize_to
from nstbench.suite.cell import Optimizer
from nstbench.transfer.optimise import optimise
from nstbench.transfer.problem import Block, Diverged, Problem
from nstbench.transfer.start import start_image

ADAM = Optimizer(name="adam", learning_rate=5.0, beta1=0.9, beta2=0.999, epsilon=1e-8, epsilon_placement="pytorch")
START = np.random.default_rng(9).uniform(0, 255, (1, 4, 5, 3)).astype(np.float32)
Function = Callable[[np.ndarray], tuple[float, np.ndarray]]


def problem(iterations: int, block: int = 1) -> Problem:
    return Problem(START, (), np.ones((1, 2)), ADAM, iterations, block)


@pytest.mark.parametrize("iterations", [1, 2, 9])
def test_n_steps_and_one_row_more(fake: Any, bowl: Function, iterations: int) -> None:
    session, blocks = fake(bowl), []
    outcome = optimise(session, problem(iterations, 4), blocks.append)
    assert outcome.losses.shape == (iterations + 1, 3) and outcome.evaluations == iterations + 1
    assert len(session.evaluated) == iterations + 1
    for image, row in zip(session.evaluated, outcome.losses, strict=True):
        assert bowl(image)[0] == row[0]
    np.testing.assert_array_equal(session.evaluated[0], START)
    np.testing.assert_array_equal(session.evaluated[-1][0], outcome.image)
    np.testing.assert_array_equal(session.evaluated[outcome.best_iteration][0], outcome.best_image)
    assert outcome.losses[outcome.best_iteration, 0] == outcome.losses[:, 0].min()
    assert [(one.first, len(one.losses)) for one in blocks] == {1: [(0, 1)], 2: [(0, 1), (1, 1)]}.get(
        iterations, [(0, 1), (1, 4), (5, 4)]
    )
    np.testing.assert_array_equal(np.concatenate([one.losses[:, 0] for one in blocks]), outcome.losses[:-1])
    assert all(one.seconds >= 0 for one in blocks)


def test_without_iterations_everything_is_the_starting_points(fake: Any, bowl: Function) -> None:
    blocks: list[Block] = []
    outcome = optimise(fake(bowl), problem(0), blocks.append)
    assert blocks == [] and outcome.best_iteration == 0 and outcome.losses.tolist()[0][0] == bowl(START)[0]
    np.testing.assert_array_equal(outcome.image, START[0])
    np.testing.assert_array_equal(outcome.best_image, START[0])


def test_the_size_of_blocks_changes_nothing(fake: Any, bowl: Function) -> None:
    one, seven = (optimise(fake(bowl), problem(20, block), lambda _: None) for block in (1, 7))
    np.testing.assert_array_equal(one.losses, seven.losses)
    np.testing.assert_array_equal(one.image, seven.image)
    np.testing.assert_array_equal(one.best_image, seven.best_image)


@pytest.mark.parametrize("block", [1, 4, 50])
@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_a_loss_that_is_not_finite(fake: Any, bowl: Function, block: int, wrong: float) -> None:
    calls = 0

    def breaking(image: np.ndarray) -> tuple[float, np.ndarray]:
        nonlocal calls
        calls += 1
        value, gradient = bowl(image)
        return (wrong if calls == 4 else value), gradient

    with pytest.raises(Diverged, match="not finite at iteration 3") as caught:
        optimise(fake(breaking), problem(10, block), lambda _: None)
    assert caught.value.iteration == 3 and caught.value.losses.shape == (4, 3)
    assert np.isfinite(caught.value.losses[:3]).all() and not np.isfinite(caught.value.losses[3, 0])


def test_a_loss_that_is_not_finite_at_the_very_end(fake: Any) -> None:
    def breaking(image: np.ndarray) -> tuple[float, np.ndarray]:
        return (1.0 if (image == START).all() else np.nan), np.ones_like(image)

    with pytest.raises(Diverged) as caught:
        optimise(fake(breaking), problem(1), lambda _: None)
    assert caught.value.iteration == 1


def pictures() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(2)
    return random.integers(0, 256, (33, 40, 3), np.uint8), random.integers(0, 256, (50, 37, 3), np.uint8)


def test_start_images() -> None:
    content, style = pictures()
    start = start_image("content", content, style, 0)
    assert start.dtype == np.float32
    np.testing.assert_array_equal(start, content)
    np.testing.assert_array_equal(start_image("style", content, style, 0), resize_to(style, 33, 40))


def test_noise_is_the_same_for_a_seed_everywhere() -> None:
    content, style = pictures()
    noise = start_image("noise", content, style, 7)
    assert noise.shape == (33, 40, 3) and noise.dtype == np.float32
    assert noise.min() >= 0 and 250 < noise.max() <= 255 and abs(noise.mean() - 127.5) < 5
    np.testing.assert_array_equal(noise, start_image("noise", content[::-1], style, 7))
    assert (noise != start_image("noise", content, style, 8)).any()
    digest = hashlib.sha256(noise.astype("<f4").tobytes()).hexdigest()
    assert digest == "76c7f63e78953091eb19a0ff41f5f1530765781e135635399bdac6d30bddf9ca"
