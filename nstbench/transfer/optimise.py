"""Run one transfer through a backend's session: n steps, n + 1 evaluations, losses back in blocks."""

from __future__ import annotations

from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nstbench.plugin.protocols import Session
from nstbench.transfer.adam import STAY, schedule
from nstbench.transfer.lbfgs import minimise
from nstbench.transfer.problem import Block, Diverged, OnBlock, Outcome, Problem

__all__ = ["optimise"]


def optimise(session: Session, problem: Problem, on_block: OnBlock) -> Outcome:
    """Minimise the session's objective from ``problem.start``.

    Raises ``Diverged`` as soon as a block shows a total that is not finite.
    """
    if problem.optimizer.name == "lbfgs":
        return minimise(session, problem, on_block)
    return _adam(session, problem, on_block)


def _adam(session: Session, problem: Problem, on_block: OnBlock) -> Outcome:
    state = session.begin(problem.start)
    rows: list[NDArray[np.float64]] = []
    done = 0
    while done < problem.iterations:
        # The first step is a block of its own: it may compile.
        count = min(1 if done == 0 else problem.block, problem.iterations - done)
        started = perf_counter()
        state, table = session.advance(
            state, problem.targets, problem.weights, schedule(problem.optimizer, done, count)
        )
        seconds = perf_counter() - started
        rows.extend(_finite(table, rows))
        on_block(Block(done, seconds, np.asarray(table, dtype=np.float64)[:, 0]))
        done += count
    state, table = session.advance(state, problem.targets, problem.weights, STAY)
    rows.extend(_finite(table, rows))
    losses = np.array(rows)
    best = int(np.argmin(losses[:, 0]))
    return Outcome(session.image(state)[0], session.best(state)[0], best, losses, len(rows))


def _finite(table: NDArray[Any], before: list[NDArray[np.float64]]) -> list[NDArray[np.float64]]:
    """Return the rows of a (steps, 1, columns) table, or raise at the first that is not finite."""
    rows = list(np.asarray(table, dtype=np.float64)[:, 0])
    for i, row in enumerate(rows):
        if not np.isfinite(row[0]):
            raise Diverged(len(before) + i, np.array([*before, *rows[: i + 1]]))
    return rows
