"""Losses divided by what they are at the start."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nstbench.errors import SuiteError
from nstbench.suite.cell import Optimizer
from nstbench.transfer.adam import AdamState
from nstbench.transfer.losses import content_mean, style_gatys
from nstbench.transfer.namespace import NumpyNamespace
from nstbench.transfer.objective import Objective, TermWeights
from nstbench.transfer.problem import Problem
from nstbench.transfer.relative import in_units_of_start

XP: Any = NumpyNamespace()
LAYERS = ("small", "large")
OBJECTIVE = Objective(("small",), LAYERS, content_mean, style_gatys, "isotropic")
ADAM = Optimizer(name="adam", learning_rate=1.0, beta1=0.9, beta2=0.999, epsilon=1e-8, epsilon_placement="pytorch")


class Evaluations:
    """A session that only evaluates: the features are two linear views of the image."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def features(self, image: np.ndarray) -> dict[str, np.ndarray]:
        pixels = image.reshape(len(image), -1, 3)
        return {"small": pixels / 255.0, "large": pixels[..., ::-1] * 10.0}

    def targets(self, content: np.ndarray, style: np.ndarray) -> tuple[Any, ...]:
        return OBJECTIVE.targets(XP, self.features(content), self.features(style))

    def table(self, image: np.ndarray, targets: Any, weights: np.ndarray) -> np.ndarray:
        return OBJECTIVE.losses(XP, image, self.features(image), targets, weights)[1]

    def begin(self, image: np.ndarray) -> AdamState:
        return AdamState(image, image * 0, image * 0, image, np.full(1, np.inf))

    def advance(self, state: AdamState, targets: Any, weights: np.ndarray, rows: np.ndarray) -> tuple[Any, np.ndarray]:
        self.asked.append("step")
        return state, self.table(state.image, targets, weights)[None]

    def value_and_gradient(self, image: np.ndarray, targets: Any, weights: np.ndarray) -> tuple[np.ndarray, None]:
        self.asked.append("gradient")
        return self.table(image, targets, weights), None


def problem(session: Evaluations, optimizer: Optimizer, terms: TermWeights) -> Problem:
    images = np.random.default_rng(1).uniform(0, 255, (3, 1, 4, 5, 3))
    targets = session.targets(images[0], images[1])
    return Problem(images[2], targets, OBJECTIVE.weight_table([terms]), optimizer, 3)


@pytest.mark.parametrize(("optimizer", "asked"), [(ADAM, "step"), (Optimizer(name="lbfgs"), "gradient")])
def test_every_layer_begins_with_the_same_say(optimizer: Optimizer, asked: str) -> None:
    session, terms = Evaluations(), TermWeights(("small",), LAYERS, 3.0, 8.0, 0.5)
    given: Any = problem(session, optimizer, terms)
    before = dict(zip(OBJECTIVE.columns, session.table(given.start, given.targets, given.weights)[0], strict=True))
    assert before["style:large"] > 1e4 * before["style:small"]  # without units, one layer is all there is

    (found,) = in_units_of_start(session, OBJECTIVE, given, [terms], ["style"])  # type: ignore[arg-type]
    table = session.table(given.start, given.targets, OBJECTIVE.weight_table([found]))[0]
    after = dict(zip(OBJECTIVE.columns, table, strict=True))
    assert session.asked == [asked]
    assert found.style_units == (before["style:small"], before["style:large"]) and not found.content_units
    assert after["style"] == pytest.approx(8.0, rel=1e-12)
    weighted = OBJECTIVE.weight_table([found])[0][:2] * table[3:5]
    np.testing.assert_allclose(weighted, [4.0, 4.0], rtol=1e-12)
    assert after["content"] == pytest.approx(before["content"], rel=1e-12)
    assert [after[f"style:{layer}"] for layer in LAYERS] == [before[f"style:{layer}"] for layer in LAYERS]  # raw stays

    (both,) = in_units_of_start(session, OBJECTIVE, given, [terms], ["content", "style"])  # type: ignore[arg-type]
    total = session.table(given.start, given.targets, OBJECTIVE.weight_table([both]))[0, 0]
    assert total == pytest.approx(3.0 + 8.0 + 0.5 * before["total_variation"], rel=1e-12)


def test_a_loss_of_nothing_cannot_be_divided_by() -> None:
    session, terms = Evaluations(), TermWeights(("small",), LAYERS, 3.0, 8.0)
    given: Any = problem(session, ADAM, terms)
    images = np.repeat(given.start, 2, axis=0)
    at_content = Problem(given.start, session.targets(images[:1], images[1:]), given.weights, ADAM, 3)
    with pytest.raises(SuiteError, match="the content loss of small is 0 at the start image"):
        in_units_of_start(session, OBJECTIVE, at_content, [terms], ["content"])  # type: ignore[arg-type]


def test_layers_of_other_sets_have_no_unit() -> None:
    session, terms = Evaluations(), TermWeights(("small",), ("large",), 3.0, 8.0)
    given: Any = problem(session, ADAM, terms)
    (found,) = in_units_of_start(session, OBJECTIVE, given, [terms], ["style"])  # type: ignore[arg-type]
    weights = OBJECTIVE.weight_table([found])[0]
    assert weights[0] == 0.0 and len(found.style_units) == 1
    assert session.table(given.start, given.targets, weights[None])[0, 1] == pytest.approx(8.0, rel=1e-12)
