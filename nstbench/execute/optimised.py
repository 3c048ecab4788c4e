"""A batch of cells as it was optimised, and the runs that show what rounding alone does to it."""

from __future__ import annotations

import dataclasses
import math
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from nstbench.measure.rounding import largest_relative, perturbed
from nstbench.plugin.protocols import Session
from nstbench.transfer.optimise import optimise_batch
from nstbench.transfer.problem import Diverged, Outcome, Problem

__all__ = ["DRAWS", "Optimised", "rounding_spreads"]

DRAWS = 3
"""Runs that a spread is made of: one alone is now and then a hundred times too small."""


@dataclass(frozen=True, slots=True)
class Optimised:
    """What was run, and what came of each image of it."""

    session: Session
    problem: Problem
    outcomes: tuple[Outcome | Diverged, ...]


def rounding_spreads(run: Optimised, seeds: Sequence[int], begin: Callable[[], None]) -> tuple[float | None, ...]:
    """Run it again from starts that are rounded otherwise; return how far apart total, style and content of each end.

    That is the root mean square over ``DRAWS`` runs of the largest relative difference; ``begin`` is called before each
    of them, ``seeds`` has one for each image. None for an image that diverged, and for all where it could not be run:
    that must not cost the cells, which are done.
    """
    try:
        apart = [_apart(run, [seed + draw for seed in seeds], begin) for draw in range(DRAWS)]
    except Exception:
        traceback.print_exc()
        return (None,) * len(seeds)
    return tuple(_root_mean_square(each) for each in zip(*apart, strict=True))


def _apart(run: Optimised, seeds: Sequence[int], begin: Callable[[], None]) -> list[float | None]:
    begin()
    starts = [perturbed(run.problem.start[i : i + 1], seed) for i, seed in enumerate(seeds)]
    problem = dataclasses.replace(run.problem, start=np.concatenate(starts))
    again = optimise_batch(run.session, problem, lambda _: None)
    return [_between(one, other) for one, other in zip(run.outcomes, again, strict=True)]


def _between(one: Outcome | Diverged, other: Outcome | Diverged) -> float | None:
    if isinstance(one, Diverged) or isinstance(other, Diverged):
        return None
    return largest_relative(one.losses[-1, :3].tolist(), other.losses[-1, :3].tolist())


def _root_mean_square(values: Sequence[float | None]) -> float | None:
    known = [value**2 for value in values if value is not None]
    return math.sqrt(sum(known) / len(known)) if len(known) == len(values) else None
