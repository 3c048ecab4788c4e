"""NVIDIA GPUs, without a framework."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

__all__ = ["has_nvidia", "memory_mb", "nvidia_smi"]

_DEVICES = Path("/dev")
_DRIVER = Path("/proc/driver/nvidia/gpus")
TIMEOUT = 5.0
"""Seconds that ``nvidia-smi`` may take; on a broken driver it can hang."""


def has_nvidia() -> bool:
    """Return whether this machine shows an NVIDIA GPU that a framework may use; never raises.

    A hint, not a promise: the framework may be a CPU build. ``CUDA_VISIBLE_DEVICES`` empty or -1 hides all GPUs.
    """
    if os.environ.get("CUDA_VISIBLE_DEVICES", "0").strip() in ("", "-1"):
        return False
    with contextlib.suppress(OSError):
        if any(node.name[6:].isdigit() for node in _DEVICES.glob("nvidia[0-9]*")):
            return True
    with contextlib.suppress(OSError):
        if any(_DRIVER.iterdir()):
            return True
    return "GPU" in (nvidia_smi("-L") or "")


@cache
def memory_mb(device: str) -> float | None:
    """Return the memory of an NVIDIA GPU in MiB, None if unknown; ``cuda:N`` counts in ``CUDA_VISIBLE_DEVICES``."""
    number = int(device.partition(":")[2] or 0)
    visible = os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",")
    which = visible[number].strip() if visible != [""] and number < len(visible) else str(number)
    answer = nvidia_smi("-i", which, "--query-gpu=memory.total", "--format=csv,noheader,nounits")
    try:
        return float((answer or "").strip())
    except ValueError:
        return None


def nvidia_smi(*arguments: str) -> str | None:
    """Return what ``nvidia-smi`` prints, or None if there is no such program or it fails."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return None
    try:
        done = subprocess.run(
            [program, *arguments], capture_output=True, check=True, stdin=subprocess.DEVNULL, timeout=TIMEOUT
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode(errors="replace")
