"""What a worker's C library does with memory that is freed: keep it for the next step, which needs the same again.

Maps of features are allocated and freed at every step. glibc asks the kernel for each large one anew, which fills it
with zeros, page by page: a twentieth to a tenth of a step of VGG19 on a CPU.
"""

from __future__ import annotations

import ctypes
import os
from typing import Any

__all__ = ["give_back", "keep_freed_memory"]

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Parameters of glibc's ``mallopt``."""
_KEPT = 256 << 20
_LARGEST = 20 << 20
"""Larger ones still go back at once: kept, they leave holes, and the peak grows."""
_OF_USER = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES")


def keep_freed_memory() -> None:
    """Have freed memory kept, where the C library can be told and the user has not said otherwise."""
    library = _glibc()
    if library is not None and not any(name in os.environ for name in _OF_USER):
        library.mallopt(_MMAP_THRESHOLD, _LARGEST)
        library.mallopt(_TRIM_THRESHOLD, _KEPT)


def give_back() -> None:
    """Return to the kernel what is kept, so that one cell's peak of memory is not another's."""
    library = _glibc()
    if library is not None:
        library.malloc_trim(0)


def _glibc() -> Any:
    """Return the C library of this process if it is glibc."""
    try:
        library = ctypes.CDLL(None)
    except (OSError, TypeError):
        return None
    return library if hasattr(library, "gnu_get_libc_version") else None
