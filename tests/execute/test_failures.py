from __future__ import annotations

import numpy as np
import pytest

from nstbench.errors import ImageError, PluginError, RunError
from nstbench.execute.failures import classify, classify_exit, one_line
from nstbench.transfer.problem import Diverged


class OutOfMemoryError(RuntimeError):
    """What torch raises on a GPU, by its name."""


class ResourceExhaustedError(Exception):
    """What TensorFlow raises, by its name."""


@pytest.mark.parametrize(
    ("error", "status", "reason"),
    [
        (Diverged(7, np.zeros((8, 3))), "diverged", "the loss is not finite at iteration 7"),
        (MemoryError(), "oom", "out of memory: MemoryError"),
        (OutOfMemoryError("CUDA: tried 2 GiB"), "oom", "out of memory: CUDA: tried 2 GiB"),
        (ResourceExhaustedError("big"), "oom", "out of memory: big"),
        (RuntimeError("[enforce fail] can't allocate memory: 9 bytes"), "oom", "out of memory: [enforce fail]"),
        (RuntimeError("CUDA out of memory."), "oom", "out of memory: CUDA out of memory."),
        (PluginError("no such device; use --device cpu."), "unavailable", "no such device; use --device cpu."),
        (RunError("cannot write x."), "error", "cannot write x."),
        (ImageError("bad."), "error", "bad."),
        (ValueError("two\n  lines"), "error", "ValueError: two lines"),
        (KeyError(), "error", "KeyError"),
    ],
)
def test_what_is_raised_has_a_status_and_a_reason(error: Exception, status: str, reason: str) -> None:
    found = classify(error)
    assert found[0] == status
    assert found[1].startswith(reason)


@pytest.mark.parametrize(
    ("code", "log", "status", "reason"),
    [
        (-9, "whatever", "killed", "(signal 9)"),
        (-9, "MemoryError", "killed", "for want of memory"),
        (-15, "", "killed", "(signal 15)"),
        (-11, "", "crashed", "SIGSEGV"),
        (-6, "terminate called after throwing an instance of 'std::bad_alloc'", "oom", "out of memory"),
        (-40, "", "crashed", "signal 40"),
        (3, "first\n\n last words \n", "crashed", "exit code 3: last words"),
        (1, "  \n", "crashed", "exit code 1: nothing in its log"),
        (1, "MemoryError", "oom", "the worker's log has the details"),
        (0, "", "crashed", "exit code 0"),
    ],
)
def test_how_a_worker_died_has_a_status_and_a_reason(code: int, log: str, status: str, reason: str) -> None:
    found = classify_exit(code, log)
    assert found[0] == status
    assert reason in found[1]


def test_reasons_are_one_short_line() -> None:
    assert one_line(" a\n\tb  c ") == "a b c"
    long = classify(ValueError("x" * 5000))[1]
    assert len(long) < 350
    assert len(classify_exit(1, "y" * 5000)[1]) < 350
    assert len(classify(MemoryError("z" * 5000))[1]) <= 300
