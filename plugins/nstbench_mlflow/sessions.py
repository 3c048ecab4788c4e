"""What waits to be logged of a run, and a server that is away: nothing is lost while it is, and nobody waits long."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nstbench.errors import RunError
from nstbench.results import RunFolder, read_manifest
from nstbench_mlflow.attempt import Attempt, log_attempt
from nstbench_mlflow.server import Server, address, connect, our_settings
from nstbench_mlflow.whole import log_comparison

__all__ = ["cell_finished", "run_finished"]

_PAUSE = 300.0
"""Seconds that a server that did not answer is left alone: a try may take half a minute, which cells wait for."""


class _AwayError(Exception):
    """The server did not answer."""


@dataclass(slots=True)
class _Session:
    """One run, as far as this process has seen it; ``again`` is when a server that was away is tried again."""

    folder: RunFolder
    waiting: list[Attempt] = field(default_factory=list)
    logged: list[Attempt] = field(default_factory=list)
    server: Server | None = None
    again: float = 0.0

    def connected(self) -> Server:
        if self.server is None:
            self.server = connect(self.folder.mlruns, read_manifest(self.folder).name)
        return self.server

    def log_waiting(self) -> None:
        """Log what waits, oldest first, until the server is away; raise what it refused only once nothing waits."""
        refused = []
        while self.waiting:
            try:
                log_attempt(self.connected(), self.folder, self.waiting[0])
                self.logged.append(self.waiting[0])
            except Exception as error:
                if (why := _away(error)) is not None:
                    self.again = time.monotonic() + _PAUSE
                    raise _AwayError(f"MLflow at {address(self.folder.mlruns)} does not answer ({why})") from error
                refused.append(error)
            del self.waiting[0]
        if refused:
            raise refused[0]


_sessions: dict[str, _Session] = {}


def cell_finished(record: Mapping[str, Any], run: str) -> None:
    """Log a cell, and those that could not be logged before it. Raises ``RunError`` where the server is away."""
    session = _sessions.setdefault(run, _Session(RunFolder(Path(run))))
    session.waiting.append(Attempt(record))
    if time.monotonic() < session.again:
        return
    try:
        with our_settings():
            session.log_waiting()
    except _AwayError as error:
        raise RunError(
            f"{error}. The next try is in {round(_PAUSE / 60)} minutes, or when all cells are done."
        ) from error


def run_finished(run: str) -> None:
    """Log what still waits, then what only the whole run can tell. Raises ``RunError`` where the server is away."""
    session = _sessions.pop(run, None)
    if session is None:  # no cell ended
        return
    with our_settings():
        try:
            session.log_waiting()
        except _AwayError as error:
            left = len(session.waiting)
            raise RunError(f"{error}. {left} cell{'s were' if left > 1 else ' was'} not logged.") from error
        if session.logged:
            log_comparison(session.connected(), session.folder, session.logged)


def _away(error: BaseException) -> str | None:
    """Return what kept a server from answering, None if it did answer: MLflow raises its own error from any other."""
    for one in _causes(error):
        if isinstance(one, OSError):  # those of ``requests`` are, too
            return one.strerror or type(one).__name__
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
