"""An attempt at every cell of a job, in its worker: batch after batch, the files of one written during the next."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import NamedTuple

from nstbench.execute.computing import Emit, compute
from nstbench.execute.events import Computed, Postponed, started
from nstbench.execute.failures import classify
from nstbench.execute.jobs import Batch
from nstbench.execute.workshop import Workshop
from nstbench.execute.writer import Ending, Writer

__all__ = ["attempt_all"]


def attempt_all(shop: Workshop, emit: Emit) -> None:
    """Attempt every cell of the workshop's job; return when all is written. A cell that fails costs no other."""
    attempts = _Attempts(shop, emit, Writer(emit))
    batches = shop.job.work()
    for number, batch in enumerate(batches, start=1):
        attempts.attempt(batch, last=number == len(batches))
    attempts.writer.wait()


class _Failure(NamedTuple):
    status: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Attempts:
    shop: Workshop
    emit: Emit
    writer: Writer

    def attempt(self, batch: Batch, *, last: bool) -> None:
        """Compute a batch and leave its files to the writer."""
        for one in batch.wanted:
            self.emit(started(one.id, len(batch.cells)))
        endings = self._computed(batch)
        if isinstance(endings, _Failure):
            if len(batch.cells) > 1:
                self._apart(batch, endings.reason, last=last)
                return
            failed = {"status": endings.status, "reason": endings.reason}
            endings = [Ending(one.id, dict, failed, batch.note) for one in batch.wanted]
        self._end(batch, endings, last=last)

    def _computed(self, batch: Batch) -> list[Ending] | _Failure:
        """Return what became of a batch. What it held is free then, after an error, too, which would keep it alive."""
        try:
            return compute(self.shop, batch, self.emit, self.writer)
        except Exception as error:
            traceback.print_exc()
            return _Failure(*classify(error))

    def _apart(self, batch: Batch, reason: str, *, last: bool) -> None:
        """Attempt the cells of a batch one at a time: what was wrong with it may be wrong with one of them only."""
        for one in batch.wanted:
            self.emit(Postponed(one.id, reason))
        alone = batch.apart(reason)
        for number, each in enumerate(alone, start=1):
            self.attempt(each, last=last and number == len(alone))

    def _end(self, batch: Batch, endings: Sequence[Ending], *, last: bool) -> None:
        for one in batch.wanted:
            self.emit(Computed(one.id))
        began = perf_counter()
        self.writer.wait()
        waited = (perf_counter() - began) / len(batch.cells)
        shared = [replace(one, fields=one.fields | self.shop.of_job(), waited_s=waited) for one in endings]
        self.writer.put(shared, overlapped=not (last or batch.awaited))
        if batch.awaited:
            self.writer.wait()
