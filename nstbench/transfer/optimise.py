"""Run transfers through a backend's session: n steps, n + 1 evaluations, losses back in blocks."""

from __future__ import annotations

from functools import partial
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nstbench.plugin.protocols import Session
from nstbench.transfer.adam import STAY, schedule
from nstbench.transfer.lbfgs import minimise
from nstbench.transfer.problem import Block, Diverged, OnBlock, Outcome, Problem

__all__ = ["optimise", "optimise_batch"]


def optimise(session: Session, problem: Problem, on_block: OnBlock) -> Outcome:
    """Minimise the session's objective from a single start image.

    Raises ``Diverged`` as soon as a block shows a total that is not finite.
    """
    (found,) = optimise_batch(session, problem, on_block)
    if isinstance(found, Diverged):
        raise found
    return found


def optimise_batch(session: Session, problem: Problem, on_block: OnBlock) -> tuple[Outcome | Diverged, ...]:
    """Minimise the objective from every start image of a batch; return what became of each.

    An image whose total is not finite stays in the batch, where it touches no other; what came after it is dropped. It
    ends as soon as no image is left. L-BFGS takes one image at a time: its line search is the image's own.
    """
    if problem.optimizer.name == "lbfgs":
        try:
            return (minimise(session, problem, on_block),)
        except Diverged as diverged:
            return (diverged,)
    return _adam(session, problem, on_block)


def _adam(session: Session, problem: Problem, on_block: OnBlock) -> tuple[Outcome | Diverged, ...]:
    state = session.begin(problem.start)
    tables: list[NDArray[np.float64]] = []
    alive = np.ones(len(problem.start), dtype=bool)
    done = 0
    while done < problem.iterations:
        # The first step is a block of its own: it may compile.
        count = min(1 if done == 0 else problem.block, problem.iterations - done, _until_look(problem, done))
        started = perf_counter()
        rows = schedule(problem.optimizer, done, count)
        state, table = session.advance(state, problem.targets, problem.weights, rows)
        seconds = perf_counter() - started
        tables.append(np.asarray(table, dtype=np.float64))
        alive &= np.isfinite(tables[-1][:, :, 0]).all(axis=0)
        if not alive.any():
            return _outcomes(session, state, np.concatenate(tables))
        on_block(Block(done, seconds, tables[-1], partial(session.image, state)))
        done += count
    state, table = session.advance(state, problem.targets, problem.weights, STAY)
    tables.append(np.asarray(table, dtype=np.float64))
    return _outcomes(session, state, np.concatenate(tables))


def _until_look(problem: Problem, done: int) -> int:
    return problem.every - done % problem.every if problem.every else problem.iterations


def _outcomes(session: Session, state: Any, losses: NDArray[np.float64]) -> tuple[Outcome | Diverged, ...]:
    """Return an outcome for each image; ``losses`` is (evaluations, batch, columns)."""
    images, best = session.image(state), session.best(state)
    return tuple(_outcome(losses[:, i], images[i], best[i]) for i in range(losses.shape[1]))


def _outcome(losses: NDArray[np.float64], image: NDArray[Any], best: NDArray[Any]) -> Outcome | Diverged:
    wrong = np.flatnonzero(~np.isfinite(losses[:, 0]))
    if wrong.size:
        return Diverged(int(wrong[0]), losses[: wrong[0] + 1])
    return Outcome(image, best, int(np.argmin(losses[:, 0])), losses, len(losses))
