"""A block ends where somebody wants to look, and nothing else changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nstbench.suite.cell import Optimizer
from nstbench.transfer.optimise import optimise
from nstbench.transfer.problem import Block, Problem

ADAM = Optimizer(name="adam", learning_rate=5.0, beta1=0.9, beta2=0.999, epsilon=1e-8, epsilon_placement="pytorch")
START = np.random.default_rng(9).uniform(0, 255, (1, 4, 5, 3)).astype(np.float32)
Function = Callable[[np.ndarray], tuple[float, np.ndarray]]


def problem(block: int, every: int, optimizer: Optimizer = ADAM) -> Problem:
    return Problem(START, (), np.ones((1, 2)), optimizer, 20, block, every)


@pytest.mark.parametrize(
    ("block", "every", "ends"),
    [
        (7, 0, [1, 8, 15, 20]),
        (7, 1, list(range(1, 21))),
        (7, 4, [1, 4, 8, 12, 16, 20]),
        (7, 10, [1, 8, 10, 17, 20]),
        (50, 30, [1, 20]),
    ],
)
def test_a_block_ends_at_every_multiple(fake: Any, bowl: Function, block: int, every: int, ends: list[int]) -> None:
    session, blocks = fake(bowl), []
    outcome = optimise(session, problem(block, every), lambda one: blocks.append((one.done, one.images())))
    assert [done for done, _ in blocks] == ends
    for done, images in blocks:
        np.testing.assert_array_equal(images, session.evaluated[done])
    plain = optimise(fake(bowl), problem(1, 0), lambda _: None)
    np.testing.assert_array_equal(outcome.losses, plain.losses)
    np.testing.assert_array_equal(outcome.image, plain.image)


def test_lbfgs_shows_its_iterates(fake: Any, bowl: Function) -> None:
    blocks: list[Block] = []
    outcome = optimise(fake(bowl), problem(1, 2, Optimizer(name="lbfgs")), blocks.append)
    assert [one.done for one in blocks] == list(range(1, len(outcome.losses)))
    for one in blocks:
        assert bowl(one.images())[0] == pytest.approx(outcome.losses[one.done, 0], rel=1e-6)
