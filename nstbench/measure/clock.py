"""Times of an optimisation: compilation apart, then the steady state."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

__all__ = ["StepClock", "StepTimes"]


@dataclass(frozen=True, slots=True)
class StepTimes:
    """Times of one cell, named as the columns of ``results.csv``; None where there is nothing to tell.

    ``first_step_s``: only of a cold clock, from the beginning to the end of the first step, compilation included.
    ``step_ms_median`` and ``step_ms_p90``: milliseconds a step, over the steps after that.
    ``optimise_s``: seconds for all steps of the cell, compilation excluded.
    ``iterations_per_s``: steps for each of these seconds.
    """

    first_step_s: float | None
    step_ms_median: float | None
    step_ms_p90: float | None
    optimise_s: float | None
    iterations_per_s: float | None


class StepClock:
    """Collects the durations of blocks of steps; the caller has synchronised the device at a block's borders.

    The steps of a block count as equally long. A block of 0 steps is time without a step (an evaluation of the start
    image, say): it is in no figure but, where a cold clock begins with it, in ``first_step_s``, since it may have
    compiled.

    ``cold`` says that the first step of this cell compiles: then everything up to the end of the first block that has
    steps is kept apart, and is not in the steady state. That block should be one step long. ``optimise_s`` is the time
    of the other blocks, plus one median step for each step of the first block, so that a job's first cell and its
    later ones compare. Where the first block has k > 1 steps, ``first_step_s`` is its time less k - 1 median steps. If
    there are no steps after it, nothing is known but ``first_step_s``.
    A clock that is not cold has no ``first_step_s``, and ``optimise_s`` is the time of all blocks that have steps.
    """

    def __init__(self, *, cold: bool, now: Callable[[], float] = time.perf_counter) -> None:
        self._cold = cold
        self._now = now
        self._started: float | None = None
        self._blocks: list[tuple[float, int]] = []

    def start(self) -> None:
        """Begin a block; one that was begun and not stopped is forgotten."""
        self._started = self._now()

    def stop(self, steps: int) -> float:
        """End the block, in which ``steps`` steps were done, and return its seconds."""
        if self._started is None:
            raise RuntimeError("the clock was not started")
        seconds, self._started = self._now() - self._started, None
        self.add(seconds, steps)
        return seconds

    def add(self, seconds: float, steps: int) -> None:
        """Enter a block that was timed elsewhere. Raises ``ValueError`` for negative figures."""
        if seconds < 0 or steps < 0:
            raise ValueError(f"a block of {steps} steps in {seconds} s")
        self._blocks.append((seconds, steps))

    @property
    def steps(self) -> int:
        """Steps of all blocks so far."""
        return sum(steps for _, steps in self._blocks)

    def times(self) -> StepTimes:
        """Return the figures of the blocks so far."""
        first = self._length_of_first() if self._cold else 0
        begun, k = sum(seconds for seconds, _ in self._blocks[:first]), sum(n for _, n in self._blocks[:first])
        steady = [(seconds, n) for seconds, n in self._blocks[first:] if n]
        each = sorted(seconds / n for seconds, n in steady for _ in range(n))
        if not each:
            return StepTimes(begun if first else None, None, None, None if first else 0.0, None)
        median = _quantile(each, 0.5)
        optimise = sum(seconds for seconds, _ in steady) + k * median
        first_step = max(begun - max(k - 1, 0) * median, 0.0) if first else None
        rate = (len(each) + k) / optimise if optimise > 0 else None
        return StepTimes(first_step, 1e3 * median, 1e3 * _quantile(each, 0.9), optimise, rate)

    def _length_of_first(self) -> int:
        """Return how many blocks there are up to the first that has steps, which is included."""
        for index, (_, steps) in enumerate(self._blocks):
            if steps:
                return index + 1
        return len(self._blocks)


def _quantile(ordered: Sequence[float], q: float) -> float:
    """Return a quantile of sorted values, linear between neighbours (NumPy's default)."""
    position = q * (len(ordered) - 1)
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (position - below) * (ordered[above] - ordered[below])
