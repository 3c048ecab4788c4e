"""A cell's optimisation in the worker, and the others that show what rounding alone does to it."""

from __future__ import annotations

import dataclasses
import math
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from nstbench.measure.rounding import largest_relative, perturbed
from nstbench.plugin.protocols import Session
from nstbench.transfer.optimise import optimise
from nstbench.transfer.problem import Diverged, OnBlock, Outcome, Problem

__all__ = ["DRAWS", "Optimised", "optimised", "rounding_spread"]

DRAWS = 3
"""Runs that a spread is made of: one alone is now and then a hundred times too small."""


@dataclass(frozen=True, slots=True)
class Optimised:
    """What was run, and what came of it."""

    session: Session
    problem: Problem
    outcome: Outcome | Diverged


def optimised(session: Session, problem: Problem, watch: OnBlock) -> Optimised:
    """Run one transfer; to diverge is an outcome."""
    try:
        return Optimised(session, problem, optimise(session, problem, watch))
    except Diverged as diverged:
        return Optimised(session, problem, diverged)


def rounding_spread(run: Optimised, seed: int, begin: Callable[[], None]) -> float | None:
    """Run it again from starts that are rounded otherwise; return how far apart total, style and content end.

    That is the root mean square over ``DRAWS`` runs of the largest relative difference; ``begin`` is called before each
    of them. None if one diverged or could not be run: it must not cost the cell, which is done.
    """
    try:
        apart = [_apart(run, seed + draw, begin) for draw in range(DRAWS)]
    except Exception:
        traceback.print_exc()
        return None
    return math.sqrt(sum(one**2 for one in apart) / DRAWS)


def _apart(run: Optimised, seed: int, begin: Callable[[], None]) -> float:
    begin()
    start = perturbed(run.problem.start, seed)
    again = optimised(run.session, dataclasses.replace(run.problem, start=start), lambda _: None)
    return largest_relative(_final(run.outcome), _final(again.outcome))


def _final(outcome: Outcome | Diverged) -> list[float]:
    """Return total, style and content of the final image. Raises ``Diverged`` if there is none."""
    if isinstance(outcome, Diverged):
        raise outcome
    last: list[float] = outcome.losses[-1, :3].tolist()
    return last
