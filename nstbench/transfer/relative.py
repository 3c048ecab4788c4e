"""Losses divided by what they are at the start image, layer by layer, so that every layer begins with the same say.

Networks have layers whose losses lie many orders of magnitude apart: the largest is all that is minimised. He, Wang and
Hopcroft (NIPS 2016, arXiv:1606.04801) need such weights to transfer style with an untrained network. The division is in
the table of weights, an input of the compiled step, and the start image is evaluated by that very step.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nstbench.errors import SuiteError
from nstbench.plugin.protocols import Session
from nstbench.transfer.adam import STAY
from nstbench.transfer.objective import Objective, TermWeights
from nstbench.transfer.problem import Problem

__all__ = ["in_units_of_start"]


def in_units_of_start(
    session: Session, objective: Objective, problem: Problem, terms: Sequence[TermWeights], roles: Collection[str]
) -> tuple[TermWeights, ...]:
    """Return ``terms``, one for each image of a batch, with the raw losses of its start as units of its layers.

    ``roles`` are of ``content`` and ``style``; the others keep their units. Raises ``SuiteError`` if one of these
    losses is 0.
    """
    rows = _rows(session, problem)
    return tuple(_in_units(objective, row, one, roles) for row, one in zip(rows, terms, strict=True))


def _in_units(objective: Objective, row: NDArray[Any], terms: TermWeights, roles: Collection[str]) -> TermWeights:
    start = dict(zip(objective.columns, row.tolist(), strict=True))
    if "content" in roles:
        terms = replace(terms, content_units=_units("content", terms.content_layers, start))
    if "style" in roles:
        terms = replace(terms, style_units=_units("style", terms.style_layers, start))
    return terms


def _rows(session: Session, problem: Problem) -> NDArray[Any]:
    """Evaluate the starts, (batch, columns), by the function that the optimiser calls: no other is compiled."""
    if problem.optimizer.name == "lbfgs":
        table, _ = session.value_and_gradient(problem.start, problem.targets, problem.weights)
    else:
        _, table = session.advance(session.begin(problem.start), problem.targets, problem.weights, STAY)
    return np.asarray(table, np.float64).reshape(len(problem.start), -1)


def _units(role: str, layers: tuple[str, ...], start: dict[str, float]) -> tuple[float, ...]:
    for layer in layers:
        if start[f"{role}:{layer}"] == 0.0:
            raise SuiteError(
                f"the {role} loss of {layer} is 0 at the start image and cannot be divided by that: start from another "
                f"image (init), or choose a {role} loss that is not relative."
            )
    return tuple(start[f"{role}:{layer}"] for layer in layers)
