"""Was the machine ours? Processor time of everything else while something is measured."""

from __future__ import annotations

import os
from collections.abc import Callable
from time import monotonic

import psutil

__all__ = ["others_share"]


def others_share(own_s: Callable[[], float]) -> Callable[[], float]:
    """Begin to watch; what is returned gives the share of all cores that others have had since.

    ``own_s`` is the processor time of what is measured. Time stolen by other guests of the same host counts as others'.
    """
    began, busy, own = monotonic(), _busy_s(), own_s()

    def share() -> float:
        whole = (monotonic() - began) * (os.cpu_count() or 1)
        return max(0.0, (_busy_s() - busy) - (own_s() - own)) / whole if whole else 0.0

    return share


def _busy_s() -> float:
    """Return the processor time that all processes of the system have had (guests' is in the user's already)."""
    times = psutil.cpu_times()._asdict()
    return float(sum(times.get(name, 0.0) for name in ("user", "nice", "system", "irq", "softirq", "steal")))
