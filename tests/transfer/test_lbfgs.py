from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize, rosen, rosen_der

from nstbench.suite.cell import Optimizer
from nstbench.transfer.optimise import optimise
from nstbench.transfer.problem import Block, Diverged, Outcome, Problem

START = np.random.default_rng(9).uniform(0, 255, (1, 4, 5, 3)).astype(np.float32)
Function = Callable[[np.ndarray], tuple[float, np.ndarray]]


def valley(image: np.ndarray) -> tuple[float, np.ndarray]:
    """Rosenbrock's function of pixels scaled to 0-2.55: needs many iterations and failed line searches."""
    flat = image.ravel() / 100
    return float(rosen(flat)), (rosen_der(flat) / 100).reshape(image.shape)


def run(session: Any, iterations: int, blocks: list[Block] | None = None) -> Outcome:
    problem = Problem(START, (), np.ones((1, 2)), Optimizer(name="lbfgs"), iterations)
    return optimise(session, problem, (blocks if blocks is not None else []).append)


@pytest.mark.parametrize("iterations", [1, 5, 30])
def test_it_is_scipys(fake: Any, iterations: int) -> None:
    session, blocks = fake(valley), []
    outcome = run(session, iterations, blocks)
    iterates: list[np.ndarray] = []
    direct = minimize(
        lambda flat: (valley(flat)[0], valley(flat)[1].ravel()),
        START.astype(np.float64).ravel(),
        jac=True,
        method="L-BFGS-B",
        bounds=[(0.0, 255.0)] * START.size,
        callback=lambda flat: iterates.append(flat.copy()),
        options={"maxiter": iterations, "ftol": 0.0, "gtol": 0.0},
    )
    np.testing.assert_array_equal(outcome.image.ravel(), direct.x)
    np.testing.assert_array_equal(outcome.losses[1:, 0], [valley(one)[0] for one in iterates])
    assert outcome.losses[0, 0] == valley(START.astype(np.float64))[0]
    assert len(outcome.losses) == iterations + 1 and outcome.message == ""
    assert outcome.evaluations == direct.nfev == len(session.evaluated)
    assert [one.first for one in blocks] == list(range(iterations))
    np.testing.assert_array_equal(np.concatenate([one.losses[:, 0] for one in blocks]), outcome.losses[1:])


def test_every_iterate_is_better_and_the_last_is_the_best(fake: Any, bowl: Function) -> None:
    outcome = run(fake(bowl), 12)
    assert (np.diff(outcome.losses[:, 0]) < 0).all() and outcome.best_iteration == len(outcome.losses) - 1
    np.testing.assert_array_equal(outcome.image, outcome.best_image)


def test_bounds(fake: Any, bowl: Function) -> None:
    session = fake(bowl)
    outcome = run(session, 1000)
    for image in session.evaluated:
        assert image.min() >= 0 and image.max() <= 255
    assert (outcome.image == 0).any() and (outcome.image == 255).any()
    flat = outcome.image[(outcome.image > 0) & (outcome.image < 255)]
    value, slopes = bowl(outcome.image[None])
    free = (outcome.image > 0) & (outcome.image < 255)
    curvature = (bowl(outcome.image[None] + 1)[1] - slopes)[0][free]
    # A line search sees the value, so no slope that changes it by less than its rounding: sqrt(2 f'' eps f).
    seen = np.sqrt(2 * curvature * np.finfo(np.float64).eps * value)
    assert len(flat) and (np.abs(slopes[0][free]) < 16 * seen).all()


def test_it_stops_early_at_the_minimum_and_says_so(fake: Any, bowl: Function) -> None:
    outcome = run(fake(bowl), 1000)
    assert 5 < len(outcome.losses) < 500
    assert outcome.message.startswith("stopped early: ")
    assert bowl(outcome.image[None])[0] == outcome.losses[-1, 0]


def test_a_gradient_that_leads_nowhere(fake: Any, bowl: Function) -> None:
    outcome = run(fake(lambda image: (bowl(image)[0], -bowl(image)[1])), 10)
    assert outcome.message.startswith("stopped early: ") and outcome.evaluations > 1
    assert len(outcome.losses) == 1 and outcome.best_iteration == 0
    np.testing.assert_array_equal(outcome.image, START[0])


def test_rounded_losses(fake: Any) -> None:
    """Losses come in float32, so that line searches end in noise: rows and image must still belong together."""
    outcome = run(fake(lambda image: (float(np.float32(valley(image)[0])), valley(image)[1].astype(np.float32))), 400)
    assert float(np.float32(valley(outcome.image[None])[0])) == outcome.losses[-1, 0]
    assert float(np.float32(valley(outcome.best_image[None])[0])) == outcome.losses[outcome.best_iteration, 0]
    assert outcome.losses[outcome.best_iteration, 0] == outcome.losses[:, 0].min()


def test_without_iterations(fake: Any, bowl: Function) -> None:
    session, blocks = fake(bowl), []
    outcome = run(session, 0, blocks)
    assert len(session.evaluated) == outcome.evaluations == len(outcome.losses) == 1
    assert blocks == [] and outcome.message == "" and outcome.best_iteration == 0
    np.testing.assert_array_equal(outcome.image, START[0])


@pytest.mark.parametrize("at", [1, 2, 5])
def test_a_loss_that_is_not_finite(fake: Any, at: int) -> None:
    calls = 0

    def breaking(image: np.ndarray) -> tuple[float, np.ndarray]:
        nonlocal calls
        calls += 1
        value, gradient = valley(image)
        return (np.nan if calls == at else value), gradient

    session = fake(breaking)
    with pytest.raises(Diverged) as caught:
        run(session, 10)
    assert len(session.evaluated) == at
    assert np.isnan(caught.value.losses[-1, 0]) and np.isfinite(caught.value.losses[:-1]).all()
    assert len(caught.value.losses) == caught.value.iteration + 1 <= at
