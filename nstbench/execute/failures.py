"""From what went wrong to a status and a one-line reason."""

from __future__ import annotations

import signal

from nstbench.errors import NstbenchError, PluginError
from nstbench.results.record import Status
from nstbench.transfer.problem import Diverged

__all__ = ["classify", "classify_exit", "one_line"]

_MEMORY = ("outofmemory", "resourceexhausted", "memoryerror", "bad_alloc")
_MEMORY_TEXT = ("out of memory", "can't allocate memory", "oom when allocating", "failed to allocate")
_LENGTH = 300


def classify(error: BaseException) -> tuple[str, str]:
    """Return (status, reason) of an exception that ended a cell or a job."""
    if isinstance(error, Diverged):
        return Status.DIVERGED, str(error)
    name, text = type(error).__name__, one_line(str(error))
    if any(word in name.lower() for word in _MEMORY) or any(word in text.lower() for word in _MEMORY_TEXT):
        return Status.OOM, f"out of memory: {text or name}"[:_LENGTH]
    if isinstance(error, PluginError):
        return Status.UNAVAILABLE, text
    if isinstance(error, NstbenchError):
        return Status.ERROR, text
    return Status.ERROR, f"{name}: {text}" if text else name


def classify_exit(code: int, log: str) -> tuple[str, str]:
    """Return (status, reason) of a worker that died with an exit code, negative for a signal."""
    if code == -signal.SIGKILL:
        return Status.KILLED, "the worker was killed (signal 9): by somebody, or by the system for want of memory"
    if code == -signal.SIGTERM:
        return Status.KILLED, "the worker was terminated (signal 15)"
    if any(word in log.lower() for word in (*_MEMORY, *_MEMORY_TEXT)):
        return Status.OOM, "out of memory; the worker's log has the details"
    if code < 0:
        return Status.CRASHED, f"the worker died of {_signal_name(-code)}"
    last = one_line(log.strip().splitlines()[-1]) if log.strip() else "nothing in its log"
    return Status.CRASHED, f"the worker ended with exit code {code}: {last}"


def _signal_name(number: int) -> str:
    known = {one.value: one.name for one in signal.Signals}
    return known.get(number, f"signal {number}")


def one_line(text: str) -> str:
    """Return text without line breaks, shortened."""
    flat = " ".join(text.split())
    return flat if len(flat) <= _LENGTH else flat[: _LENGTH - 1] + "…"
