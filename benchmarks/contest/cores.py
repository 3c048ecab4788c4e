"""The cores that this process may use, by the standard library alone."""

from __future__ import annotations

import os

__all__ = ["cores"]


def cores() -> int:
    """Return how many there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
