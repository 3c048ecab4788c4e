"""Who sees a run as it goes, and how several see the same one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from nstbench.execute.events import Event
from nstbench.execute.jobs import Job
from nstbench.execute.plan import Plan, PlannedCell
from nstbench.referee.choose import Judge
from nstbench.results.record import Record
from nstbench.results.scores import Score

__all__ = ["Onlooker", "Watcher", "Watchers"]


class Watcher(Protocol):
    """Sees a run as it goes; what the CLI shows, and nothing that changes a result."""

    def begin(self, plan: Plan) -> None:
        """Everything is prepared; the cells with ``runs`` come now."""

    def event(self, job: Job, event: Event) -> None:
        """A worker has said something."""

    def recorded(self, planned: PlannedCell, record: Record) -> None:
        """A record is on disk."""

    def judging(self, judge: Judge, pictures: int) -> None:
        """A referee is about to look at so many pictures."""

    def judged(self, score: Score) -> None:
        """A referee's judgement is on disk."""

    def warn(self, text: str) -> None:
        """Something is wrong that does not stop the run."""


class Onlooker:
    """A watcher that does nothing; what inherits from it says only what it is interested in."""

    def begin(self, plan: Plan) -> None:
        """See ``Watcher``."""

    def event(self, job: Job, event: Event) -> None:
        """See ``Watcher``."""

    def recorded(self, planned: PlannedCell, record: Record) -> None:
        """See ``Watcher``."""

    def judging(self, judge: Judge, pictures: int) -> None:
        """See ``Watcher``."""

    def judged(self, score: Score) -> None:
        """See ``Watcher``."""

    def warn(self, text: str) -> None:
        """See ``Watcher``."""


@dataclass(frozen=True, slots=True)
class Watchers:
    """Tells each of ``all`` the same, in this order."""

    all: tuple[Watcher, ...]

    def begin(self, plan: Plan) -> None:
        """See ``Watcher``."""
        for one in self.all:
            one.begin(plan)

    def event(self, job: Job, event: Event) -> None:
        """See ``Watcher``."""
        for one in self.all:
            one.event(job, event)

    def recorded(self, planned: PlannedCell, record: Record) -> None:
        """See ``Watcher``."""
        for one in self.all:
            one.recorded(planned, record)

    def judging(self, judge: Judge, pictures: int) -> None:
        """See ``Watcher``."""
        for one in self.all:
            one.judging(judge, pictures)

    def judged(self, score: Score) -> None:
        """See ``Watcher``."""
        for one in self.all:
            one.judged(score)

    def warn(self, text: str) -> None:
        """See ``Watcher``."""
        for one in self.all:
            one.warn(text)
