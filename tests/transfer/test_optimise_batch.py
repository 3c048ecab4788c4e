"""Several images in one tensor: each is what it is alone, and one that diverges costs no other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nstbench.suite.cell import Optimizer
from nstbench.transfer.adam import AdamState, adam_step
from nstbench.transfer.namespace import NumpyNamespace
from nstbench.transfer.optimise import optimise, optimise_batch
from nstbench.transfer.problem import Block, Diverged, Outcome, Problem

ADAM = Optimizer(name="adam", learning_rate=5.0, beta1=0.9, beta2=0.999, epsilon=1e-8, epsilon_placement="pytorch")
STARTS = np.random.default_rng(9).uniform(0, 255, (3, 4, 5, 3)).astype(np.float32)
Function = Callable[[np.ndarray], tuple[float, np.ndarray]]


class Bowls:
    """A session whose images each have a function of their own, told from each other by their weight."""

    def __init__(self, functions: dict[float, Function]) -> None:
        self.functions, self.evaluations = functions, 0

    def begin(self, image: np.ndarray) -> AdamState:
        start = np.asarray(image, dtype=np.float64)
        return AdamState(start, np.zeros_like(start), np.zeros_like(start), start, np.full(len(start), np.inf))

    def advance(self, state: AdamState, targets: Any, weights: np.ndarray, rows: np.ndarray) -> tuple[Any, np.ndarray]:
        tables = []
        for row in rows:
            self.evaluations += 1
            found = [self.functions[which](one) for which, one in zip(weights[:, 0], state.image, strict=True)]
            totals = np.array([value for value, _ in found])
            state = adam_step(NumpyNamespace(), state, totals, np.stack([slope for _, slope in found]), row)
            tables.append(np.stack([totals, totals * 0.75, totals * 0.25], axis=1))
        return state, np.stack(tables)

    def image(self, state: AdamState) -> np.ndarray:
        return state.image

    def best(self, state: AdamState) -> np.ndarray:
        return state.best_image


def bowl(seed: int, breaks_after: int | None = None) -> Function:
    """A quadratic; with ``breaks_after`` its loss and slope are not numbers from that evaluation on."""
    middle, calls = np.random.default_rng(seed).uniform(-200, 450, (4, 5, 3)), 0

    def function(image: np.ndarray) -> tuple[float, np.ndarray]:
        nonlocal calls
        calls += 1
        if breaks_after is not None and calls > breaks_after:
            return np.nan, np.full_like(image, np.nan)
        return float(np.sum((image - middle) ** 2)), 2 * (image - middle)

    return function


def problem(which: list[int], iterations: int = 9, block: int = 4) -> Problem:
    weights = np.array([[float(i), 1.0] for i in which])
    return Problem(STARTS[which], (), weights, ADAM, iterations, block)


def assert_same(found: Outcome | Diverged, expected: Outcome | Diverged) -> None:
    assert isinstance(found, Outcome) and isinstance(expected, Outcome)
    np.testing.assert_array_equal(found.losses, expected.losses)
    np.testing.assert_array_equal(found.image, expected.image)
    np.testing.assert_array_equal(found.best_image, expected.best_image)
    assert (found.best_iteration, found.evaluations) == (expected.best_iteration, expected.evaluations)


def test_each_image_of_a_batch_is_what_it_is_alone() -> None:
    blocks: list[Block] = []
    together = optimise_batch(Bowls({i: bowl(i) for i in range(3)}), problem([0, 1, 2]), blocks.append)
    assert len(together) == 3
    for i, found in enumerate(together):
        assert_same(found, optimise(Bowls({i: bowl(i)}), problem([i]), lambda _: None))
    assert [(one.first, one.losses.shape) for one in blocks] == [(0, (1, 3, 3)), (1, (4, 3, 3)), (5, (4, 3, 3))]


@pytest.mark.parametrize("block", [1, 4, 50])
@pytest.mark.parametrize("wrong", [0, 1, 5, 9])
def test_one_that_diverges_costs_no_other(block: int, wrong: int) -> None:
    functions = {0: bowl(0), 1: bowl(1, breaks_after=wrong), 2: bowl(2)}
    first, broken, last = optimise_batch(Bowls(functions), problem([0, 1, 2], block=block), lambda _: None)
    assert isinstance(broken, Diverged) and broken.iteration == wrong and len(broken.losses) == wrong + 1
    assert np.isfinite(broken.losses[:-1]).all() and not np.isfinite(broken.losses[-1, 0])
    for i, found in ((0, first), (2, last)):
        assert_same(found, optimise(Bowls({i: bowl(i)}), problem([i]), lambda _: None))


def test_it_ends_where_no_image_is_left() -> None:
    session = Bowls({0: bowl(0, breaks_after=1), 1: bowl(1, breaks_after=3)})
    first, last = optimise_batch(session, problem([0, 1], iterations=50, block=1), lambda _: None)
    assert isinstance(first, Diverged) and isinstance(last, Diverged)
    assert (first.iteration, last.iteration, session.evaluations) == (1, 3, 4)
