"""What can go wrong in a worker, on demand: while a backbone is opened, or in the second step of a cell.

A backbone called ``load-hang`` hangs when it is opened; a style layer called ``step-hang`` equals ``mix4``, but the
second step that looks at it hangs. ``NSTBENCH_FAKE_TAME=1`` makes all of them harmless, ``NSTBENCH_FAKE_STEP_S`` makes
every step that long, ``NSTBENCH_FAKE_TELL=1`` has the log say what is computed.

A trap can be one image's of a batch: ``NSTBENCH_FAKE_CURSE=7:sigkill`` springs in the second step of every batch that
has an image with the content weight 7. ``NSTBENCH_FAKE_BATCH=2`` runs out of memory in batches of more than two.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable

import numpy as np

from nstbench.errors import PluginError


def _raise() -> None:
    raise ValueError("the trap\nsprang")


def _oom() -> None:
    raise MemoryError


def _unavailable() -> None:
    raise PluginError("fakeframework sees no such device; use --device cpu.")


def _sigkill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _segfault() -> None:
    ctypes.string_at(0)


def _exit() -> None:
    print("leaving now", file=sys.stderr)
    sys.exit(3)


def _hang() -> None:
    time.sleep(600)


def _fork() -> None:
    """Die and leave a child behind that holds every file descriptor open."""
    if os.fork() == 0:
        time.sleep(600)
    os.kill(os.getpid(), signal.SIGKILL)


def _child() -> None:
    """Leave a child behind and go on."""
    if os.fork() == 0:
        time.sleep(600)


def _stubborn() -> None:
    """Hold the interpreter for ten seconds: no other thread gets a turn."""
    _ = 3**30_000_000


def _noise() -> None:
    print('{"type": "end", "cell": "x", "fields": {}}\nnot an event')
    os.write(1, b"\xff\x00 {garbage\n" * 2000)


def _diverge() -> None:
    """The session itself asks for this one."""


_TRAPS: dict[str, Callable[[], None]] = {
    "raise": _raise,
    "oom": _oom,
    "sigkill": _sigkill,
    "segfault": _segfault,
    "exit": _exit,
    "hang": _hang,
    "fork": _fork,
    "noise": _noise,
    "child": _child,
    "stubborn": _stubborn,
}
LOADING = tuple(f"load-{name}" for name in (*_TRAPS, "unavailable"))
STEPPING = tuple(f"step-{name}" for name in (*_TRAPS, "diverge"))


def spring(name: str) -> None:
    """Do what the name of a backbone or a layer says, if it says anything."""
    action = {**_TRAPS, "unavailable": _unavailable}.get(name.partition("-")[2])
    if action is not None and not tame():
        action()


def tame() -> bool:
    return os.environ.get("NSTBENCH_FAKE_TAME") == "1"


def delay() -> None:
    time.sleep(float(os.environ.get("NSTBENCH_FAKE_STEP_S", "0")))


def tell(text: str) -> None:
    if os.environ.get("NSTBENCH_FAKE_TELL") == "1":
        print(f"fake: {text}", file=sys.stderr)


def cursed(content_weights: np.ndarray, name: str) -> np.ndarray:
    """Return which images of a batch a trap of this name is meant for."""
    weight, _, trap = os.environ.get("NSTBENCH_FAKE_CURSE", "0:").partition(":")
    return (content_weights == float(weight)) & (trap == name) & (not tame())


def spring_curse(content_weights: np.ndarray) -> None:
    for name, action in _TRAPS.items():
        if cursed(content_weights, name).any():
            action()


def refuse_batches(size: int) -> None:
    if size > int(os.environ.get("NSTBENCH_FAKE_BATCH", "99")):
        raise MemoryError(f"a batch of {size} is too many")
