"""Keeps ``live.json`` up to date: by a thread of its own, so that no disk, however slow or full, holds up the run."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

import msgspec

from nstbench.errors import RunError
from nstbench.execute.events import Event
from nstbench.execute.jobs import Job
from nstbench.execute.plan import Plan, PlannedCell
from nstbench.execute.watcher import Onlooker
from nstbench.files import replacing
from nstbench.live.reading import this_process
from nstbench.live.standing import Standing
from nstbench.live.state import LiveRun, Process
from nstbench.referee.choose import Judge
from nstbench.results.folder import RunFolder
from nstbench.results.record import Record
from nstbench.results.scores import Score

__all__ = ["LiveFile"]

PAUSE_S = 1.0
"""Between two times that the file is written, but where a cell has ended."""
_PATIENCE_S = 5.0
"""How long the end of a run waits for a disk that does not answer."""


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass
class LiveFile(Onlooker):
    """A watcher of a run that writes where it stands; a context that says at its end how the run ended.

    A file that cannot be written is told to ``tell``, once, and costs nothing else.
    """

    folder: RunFolder
    tell: Callable[[str], None]
    _standing: Standing = field(default_factory=Standing)
    _process: Process = field(default_factory=this_process)
    _started: str = field(default_factory=_now)
    _heard: deque[tuple[Callable[[Standing, Any], None], Any]] = field(default_factory=deque)
    _wake: threading.Event = field(default_factory=threading.Event)
    _over: threading.Event = field(default_factory=threading.Event)
    _problem: str = ""
    _told: bool = False
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._write()
        self._thread = threading.Thread(target=self._keep_up, name="nstbench-live", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, _where: TracebackType | None) -> None:
        self._over.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(_PATIENCE_S)
        self._hear(Standing.over, kind is None)
        self._write()
        self._tell_once()

    def begin(self, plan: Plan) -> None:
        """See ``Watcher``."""
        self._hear(Standing.begin, plan)
        self._wake.set()

    def event(self, job: Job, event: Event) -> None:  # noqa: ARG002
        """See ``Watcher``."""
        self._hear(Standing.event, event)
        self._tell_once()

    def recorded(self, planned: PlannedCell, record: Record) -> None:  # noqa: ARG002
        """See ``Watcher``."""
        self._hear(Standing.recorded, record)
        self._wake.set()

    def judging(self, judge: Judge, pictures: int) -> None:  # noqa: ARG002
        """See ``Watcher``."""
        self._hear(Standing.judging, pictures)
        self._wake.set()

    def judged(self, score: Score) -> None:
        """See ``Watcher``."""
        self._hear(Standing.judged_one, score)

    def reporting(self) -> None:
        """The report is being written."""
        self._hear(Standing.reporting, None)
        self._wake.set()

    def _hear(self, what: Callable[[Standing, Any], None], news: Any) -> None:
        """Leave it to the thread to think about: the run has its workers to listen to."""
        self._heard.append((what, news))

    def _keep_up(self) -> None:
        while not self._over.is_set():
            self._wake.wait(PAUSE_S)
            self._wake.clear()
            if self._heard:
                self._write()

    def _write(self) -> None:
        try:
            while self._heard:
                what, news = self._heard.popleft()
                what(self._standing, news)
            # Not durable: after a power cut no run goes on that it could tell of.
            with replacing(self.folder.live, durable=False) as temporary:
                temporary.write_bytes(msgspec.json.encode(self._state()))
        except RunError as error:
            self._problem = str(error)
        except Exception as error:  # whatever it is: nobody loses a run because it cannot be watched
            self._problem = f"{self.folder.live}: {type(error).__name__}: {error}."

    def _tell_once(self) -> None:
        if self._problem and not self._told:
            self._told = True
            self.tell(f"{self._problem} The run goes on; only watching it does not work.")

    def _state(self) -> LiveRun:
        now = self._standing
        return LiveRun(
            process=self._process,
            started=self._started,
            updated=_now(),
            stage=now.stage,
            planned=now.planned,
            done=now.done,
            failed=now.failed,
            to_judge=now.to_judge,
            judged=now.judged,
            share=now.share,
            seconds_left=now.seconds_left(),
            running=tuple(one.state() for one in now.running.values()),
        )
