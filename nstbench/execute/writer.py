"""Files, pictures and similarities of computed cells, made in a thread of their own while others are computed."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from nstbench.execute.events import CellEnded, Event
from nstbench.execute.failures import classify

__all__ = ["Ending", "Writer"]


@dataclass(frozen=True, slots=True)
class Ending:
    """A computed cell: ``write`` makes its files and returns what its record says of them, ``fields`` is the rest.

    ``note`` is added to the reason that the record gives; ``waited_s`` is how long the worker had to wait before it
    could leave the cell to the writer.
    """

    cell: str
    write: Callable[[], dict[str, Any]]
    fields: dict[str, Any]
    note: str = ""
    waited_s: float = 0.0


def _one_thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="nstbench-writer")


@dataclass(slots=True)
class Writer:
    """Ends cells, at most one batch behind those that are computed, so that memory is bounded."""

    emit: Callable[[Event], None]
    _pool: ThreadPoolExecutor = field(default_factory=_one_thread)
    _batch: Future[None] | None = None

    @property
    def idle(self) -> bool:
        """Whether nothing is being written."""
        return self._batch is None or self._batch.done()

    def wait(self) -> None:
        """Return when everything is written. Raises what telling the parent raised."""
        if self._batch is not None:
            self._batch.result()

    def put(self, endings: Sequence[Ending], *, overlapped: bool) -> None:
        """Have cells ended, each as soon as its files are durable; waits for the batch before.

        What a cell ``elapsed_s``, if its fields have that, is the worker's time: with the waiting, and with the
        writing where nothing ``overlapped`` is computed meanwhile.
        """
        self.wait()
        self._batch = self._pool.submit(self._end, endings, overlapped)

    def _end(self, endings: Sequence[Ending], overlapped: bool) -> None:
        for one in endings:
            started = perf_counter()
            fields = _written(one)
            if one.note:
                fields["reason"] = "; ".join(filter(None, (fields.get("reason"), one.note)))
            if "elapsed_s" in fields:
                fields["elapsed_s"] += one.waited_s + (0.0 if overlapped else perf_counter() - started)
            self.emit(CellEnded(one.cell, fields))


def _written(one: Ending) -> dict[str, Any]:
    try:
        return one.fields | one.write()
    except Exception as error:
        traceback.print_exc()
        status, reason = classify(error)
        return one.fields | {"status": status, "reason": reason}
