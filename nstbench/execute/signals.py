"""A polite request to end (``kill``, a batch system, a shutdown) is taken as Ctrl-C is."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

__all__ = ["terminable"]


@contextlib.contextmanager
def terminable() -> Iterator[None]:
    """Raise ``KeyboardInterrupt`` where SIGTERM arrives in the block; outside the main thread nothing is changed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
