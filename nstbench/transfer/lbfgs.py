"""L-BFGS-B (Byrd, Lu, Nocedal and Zhu 1995), by SciPy, driving any backend's value and gradient.

Bounds 0-255, ``ftol = gtol = 0``: it stops at the number of iterations, or where its line search finds nothing better.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nstbench.plugin.protocols import Session
from nstbench.transfer.problem import Block, Diverged, OnBlock, Outcome, Problem

__all__ = ["minimise"]


@dataclass(slots=True)
class _Course:
    """The optimisation as SciPy sees it: flat float64 images, with the losses of the last evaluations remembered."""

    session: Session
    problem: Problem
    on_block: OnBlock
    rows: list[NDArray[np.float64]] = field(default_factory=list)
    last: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    best: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    evaluations: int = 0
    clock: float = field(default_factory=perf_counter)
    _recent: dict[bytes, NDArray[np.float64]] = field(default_factory=dict)

    def value(self, flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """Evaluate; the first image is the start, and the others are remembered until one of them is accepted."""
        image = flat.reshape(self.problem.start.shape)
        table, gradient = self.session.value_and_gradient(image, self.problem.targets, self.problem.weights)
        self.evaluations += 1
        row = np.asarray(table, dtype=np.float64)[0]
        if not np.isfinite(row[0]):
            raise Diverged(len(self.rows), np.array([*self.rows, row]))
        self._recent[flat.tobytes()] = row
        if not self.rows:
            self.accept(flat)
        return float(row[0]), np.asarray(gradient, dtype=np.float64).ravel()

    def accept(self, flat: NDArray[np.float64]) -> None:
        """Record one accepted iterate: one row of the trace."""
        key = flat.tobytes()
        if key not in self._recent:
            self.value(flat)
        row = self._recent[key]
        self._recent.clear()
        now = perf_counter()
        self.last = flat.copy()
        if not self.rows or row[0] < min(r[0] for r in self.rows):
            self.best = self.last
        self.rows.append(row)
        if len(self.rows) > 1:
            images = partial(self.last.reshape, self.problem.start.shape)
            self.on_block(Block(len(self.rows) - 2, now - self.clock, row[None, None], images))
        self.clock = perf_counter()


def minimise(session: Session, problem: Problem, on_block: OnBlock) -> Outcome:
    """Run L-BFGS-B for at most ``problem.iterations`` accepted iterates.

    Raises ``Diverged`` if an evaluation is not finite.
    """
    course = _Course(session, problem, on_block)
    flat = problem.start.astype(np.float64).ravel()
    message = ""
    if problem.iterations:
        message = _scipy(course, flat, problem.iterations)
    else:
        course.value(flat)
    losses = np.array(course.rows)
    shape = problem.start.shape[1:]
    best = int(np.argmin(losses[:, 0]))
    return Outcome(course.last.reshape(shape), course.best.reshape(shape), best, losses, course.evaluations, message)


def _scipy(course: _Course, flat: NDArray[np.float64], iterations: int) -> str:
    from scipy.optimize import minimize  # here: it takes half a second, and Adam does without

    options: dict[str, Any] = {"maxiter": iterations, "maxfun": 1_000_000, "ftol": 0.0, "gtol": 0.0, "maxcor": 10}
    result = minimize(
        course.value,
        flat,
        jac=True,
        method="L-BFGS-B",
        bounds=np.broadcast_to([0.0, 255.0], (flat.size, 2)),
        callback=course.accept,
        options=options,
    )
    early = len(course.rows) - 1 < iterations
    return f"stopped early: {result.message}" if early else ""
