"""Serve the page of a run beside it, by a process that ends with it."""

from __future__ import annotations

import contextlib
import select
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from nstbench.children import child_python
from nstbench.execute.plan import Plan
from nstbench.execute.watcher import Onlooker
from nstbench.watch.browser import show

__all__ = ["Served"]

_START_S = 20.0
_END_S = 10.0
"""How long a page may take to learn of the end."""


@dataclass
class Served(Onlooker):
    """A watcher that has the run's page served from its beginning until the context ends.

    ``tell`` is told the address, or why there is none; with ``open_browser`` it is shown where there is a screen.
    """

    tell: Callable[[str], None]
    open_browser: bool = True
    _process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _: BaseException | None, _where: TracebackType | None
    ) -> None:
        if self._process is None:
            return
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_END_S)
        self._process.kill()
        self._process.wait()

    def begin(self, plan: Plan) -> None:
        """Start the server; a run that cannot be watched runs all the same."""
        try:
            address = self._start(str(plan.folder.path))
        except OSError as error:
            address, reason = "", error.strerror or str(error)
        else:
            reason = "its process did not start"
        if not address:
            self.tell(f"the run cannot be watched: {reason}")
            return
        self.tell(f"watch at {address}")
        if self.open_browser:
            show(address)

    def _start(self, run: str) -> str:
        """Return the address, empty if the process has ended or says nothing."""
        process: subprocess.Popen[bytes] = subprocess.Popen(
            **child_python("-m", "nstbench.watch", run),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # a Ctrl-C is the run's, which ends this
        )
        self._process = process
        if process.stdout is None or not select.select([process.stdout], [], [], _START_S)[0]:
            return ""
        return process.stdout.readline().decode().strip()
