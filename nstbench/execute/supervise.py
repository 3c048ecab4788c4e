"""Run jobs in worker processes and report every cell's end exactly once, whatever becomes of the workers."""

from __future__ import annotations

import selectors
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from nstbench.execute.aftermath import aftermath
from nstbench.execute.events import CellEnded, Event
from nstbench.execute.failures import classify_exit
from nstbench.execute.jobs import Job
from nstbench.execute.process import WorkerProcess
from nstbench.results.record import Status

__all__ = ["supervise"]

_BEAT_S = 1.0
"""Between two looks at whether silent workers are alive."""


def supervise(jobs: Sequence[Job], folder: Path, *, workers: int, timeout: float) -> Generator[tuple[Job, Event]]:
    """Yield what happens, until every cell of every job has ended; at most ``workers`` processes at a time.

    Each cell gets one ``CellEnded``: its worker's, or ours with the reason the worker died of. Closing the generator
    (Ctrl-C, an error in the caller) kills the workers.
    """
    floor = _Floor(deque(jobs), folder, workers, timeout)
    try:
        while floor.waiting or floor.busy:
            floor.fill()
            yield from floor.listen()
    finally:
        floor.clear()


@dataclass(slots=True)
class _Floor:
    """The workers at work and the jobs that wait for one."""

    waiting: deque[Job]
    folder: Path
    places: int
    timeout: float
    busy: list[WorkerProcess] = field(default_factory=list)
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)

    def fill(self) -> None:
        while self.waiting and len(self.busy) < self.places:
            worker = WorkerProcess.start(self.waiting.popleft(), self.folder, self.timeout)
            self._selector.register(worker.stream, selectors.EVENT_READ, worker)
            self.busy.append(worker)

    def listen(self) -> Iterator[tuple[Job, Event]]:
        dead = [worker for worker in self.busy if worker.dead()]
        ready: list[WorkerProcess] = [key.data for key, _ in self._selector.select(self._patience(bool(dead)))]
        for worker in ready:
            yield from ((worker.job, event) for event in list(worker.read()))
            if worker.over():
                yield from self._bury(worker)
        # A child that outlives a worker holds its stream open: no end-of-file comes, but nothing else does either.
        for worker in [worker for worker in dead if not any(worker is one for one in ready)]:
            yield from self._bury(worker)
        for worker in [worker for worker in self.busy if worker.flights.deadline <= monotonic()]:
            # We may be late ourselves: what it has said meanwhile is heard first.
            if any(key.data is worker for key, _ in self._selector.select(0)):
                yield from ((worker.job, event) for event in list(worker.read()))
            if worker.flights.deadline <= monotonic():
                yield from self._bury(worker, expired=True)

    def _patience(self, hurry: bool) -> float:
        soonest = min(worker.flights.deadline for worker in self.busy)
        return 0.0 if hurry else min(_BEAT_S, max(0.0, soonest - monotonic()))

    def clear(self) -> None:
        for worker in self.busy:
            worker.kill()
        self.busy.clear()
        self._selector.close()

    def _bury(self, worker: WorkerProcess, *, expired: bool = False) -> Iterator[tuple[Job, Event]]:
        """Take a worker that ended (or must) off the floor; answer for the cells it cost, hand on the others."""
        suspects = worker.flights.suspects(expired=expired)
        self._selector.unregister(worker.stream)
        worker.kill()
        self.busy.remove(worker)
        left = worker.job.without(worker.flights.ended)
        if not left.cells:
            return
        status, reason = self._cause(worker, expired)
        lost, rest = aftermath(left, worker.flights, suspects, reason)
        for cell in lost:
            yield worker.job, CellEnded(cell, {"status": status, "reason": reason})
        if rest.cells:
            self.waiting.appendleft(rest)

    def _cause(self, worker: WorkerProcess, expired: bool) -> tuple[str, str]:
        if expired:
            return Status.TIMEOUT, f"not finished within {self.timeout:g} s"
        if worker.failed is not None:
            return worker.failed.status, worker.failed.reason
        return classify_exit(worker.process.returncode, worker.log_tail())
