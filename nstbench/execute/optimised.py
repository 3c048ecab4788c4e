"""A cell's optimisation in the worker, and the second one that shows what rounding alone does to it."""

from __future__ import annotations

import dataclasses
import traceback
from dataclasses import dataclass

from nstbench.measure.rounding import largest_relative, perturbed
from nstbench.plugin.protocols import Session
from nstbench.transfer.optimise import optimise
from nstbench.transfer.problem import Diverged, OnBlock, Outcome, Problem

__all__ = ["Optimised", "optimised", "rounding_spread"]


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


def rounding_spread(run: Optimised, seed: int) -> float | None:
    """Run it again from a start that is rounded otherwise; return how far apart total, style and content end.

    None if one of the two diverged, or the second could not be run: it must not cost the cell, which is done.
    """
    problem = dataclasses.replace(run.problem, start=perturbed(run.problem.start, seed))
    try:
        again = optimised(run.session, problem, lambda _: None).outcome
    except Exception:
        traceback.print_exc()
        return None
    if isinstance(run.outcome, Diverged) or isinstance(again, Diverged):
        return None
    return largest_relative(run.outcome.losses[-1, :3].tolist(), again.losses[-1, :3].tolist())
