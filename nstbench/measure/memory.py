"""Peak memory of a process while one cell runs."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path

__all__ = ["PeakMemory"]

_CLEAR = Path("/proc/self/clear_refs")
_STATUS = Path("/proc/self/status")
_KIB_PER_MIB = 1024.0
_SLACK_MIB = 16.0
"""The kernel counts resident pages per thread and adds them up late."""
_INTERVAL_S = 0.02


class PeakMemory:
    """Highest resident memory, in MiB, of the *whole* process (libraries, networks, images) between start and stop.

    Linux keeps this figure itself (``VmHWM``) and sets it back to the present size when "5" is written to
    ``/proc/self/clear_refs`` (proc(5)), so that a cell is not charged with the peak of an earlier one. Elsewhere, or
    where the reset has no effect, a thread reads the resident size every 20 ms, which can miss a short peak.
    Child processes and the memory of a GPU are not counted.
    """

    def __init__(self) -> None:
        self._sampler: _Sampler | None = None

    def start(self) -> None:
        """Begin a measurement; one that was under way is dropped."""
        self.close()
        if not _reset_kernel_peak():
            self._sampler = _Sampler()

    def stop(self) -> float:
        """Return the peak since ``start`` in MiB. May be called again, which reads on until the next ``start``."""
        if self._sampler is not None:
            return self._sampler.peak()
        return _status_mib("VmHWM") or _resident_mib()

    def close(self) -> None:
        """End the sampling thread, if there is one."""
        if self._sampler is not None:
            self._sampler.close()
            self._sampler = None


class _Sampler:
    """Reads the resident size from a thread of its own."""

    def __init__(self) -> None:
        self._peak = _resident_mib()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="nstbench-memory", daemon=True)
        self._thread.start()

    def peak(self) -> float:
        self._peak = max(self._peak, _resident_mib())
        return self._peak

    def close(self) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(_INTERVAL_S):
            self.peak()


def _reset_kernel_peak() -> bool:
    """Set the kernel's peak back; return whether that worked (some sandboxes accept the write and do nothing)."""
    try:
        _CLEAR.write_text("5")
    except OSError:
        return False
    peak, resident = _status_mib("VmHWM"), _status_mib("VmRSS")
    return peak is not None and resident is not None and peak <= resident + _SLACK_MIB


def _status_mib(key: str) -> float | None:
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in _STATUS.read_text().splitlines():
            if line.startswith(f"{key}:"):
                return int(line.split()[1]) / _KIB_PER_MIB
    return None


def _resident_mib() -> float:
    import psutil

    return float(psutil.Process().memory_info().rss) / 2**20
