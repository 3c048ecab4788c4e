"""Freed memory is kept between steps and given back between cells, where the C library is glibc."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

ROUNDS = """
import resource, sys
import numpy as np
from nstbench.execute.heap import give_back, keep_freed_memory
if sys.argv[1] == "kept":
    keep_freed_memory()

def rounds():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        arrays = [np.ones(1 << 20, np.float32) for _ in range(4)]  # 4 MiB each
        del arrays
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4096 >> 20

rounds()
faults, held = rounds(), resident()
give_back()
print(faults, held - resident())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the C library is not glibc")
def test_memory_is_kept_for_the_next_step_and_given_back_after_the_cell() -> None:
    found = {}
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MALLOC_", "GLIBC_"))}
    for way in ("kept", "plain"):
        done = subprocess.run([sys.executable, "-c", ROUNDS, way], capture_output=True, text=True, env=clean)
        assert done.returncode == 0, done.stderr
        found[way] = [int(word) for word in done.stdout.split()]
    assert found["kept"][0] < 200
    assert found["kept"][1] >= 12  # MiB: most of the 16 that were held


def test_what_the_user_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    from nstbench.execute import heap

    told = []

    class Library:
        def mallopt(self, parameter: int, value: int) -> None:
            told.append((parameter, value))

    monkeypatch.setattr(heap, "_glibc", Library)
    for name in ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES"):
        monkeypatch.delenv(name, raising=False)
    heap.keep_freed_memory()
    assert len(told) == 2
    monkeypatch.setenv("MALLOC_MMAP_THRESHOLD_", "1000000")
    heap.keep_freed_memory()
    assert len(told) == 2
