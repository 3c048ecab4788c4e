"""Where a run stands, kept up from what a watcher of it is told; nothing is read or written here."""

from __future__ import annotations

from dataclasses import dataclass, field

from nstbench.execute.events import CellEnded, CellStarted, Computed, Event, Postponed, Probing, Progress
from nstbench.execute.plan import Plan
from nstbench.live.pace import Pace
from nstbench.live.running import Running
from nstbench.live.state import Stage
from nstbench.results.record import Record, Status
from nstbench.results.scores import Score

__all__ = ["Standing"]


@dataclass(slots=True)
class Standing:
    """``planned`` cells were to be run, ``done`` are over, ``failed`` of them not ok; ``running`` are at work by id."""

    stage: Stage = Stage.PREPARING
    planned: int = 0
    done: int = 0
    failed: int = 0
    to_judge: int = 0
    judged: int = 0
    running: dict[str, Running] = field(default_factory=dict)
    _pace: Pace | None = None
    _new: dict[str, Running] = field(default_factory=dict)

    def begin(self, plan: Plan) -> None:
        """The cells with ``runs`` come now."""
        titles = plan.titles()
        cells = [one.cell for one in plan.cells if one.runs]
        self._new = {cell.id: Running(cell, titles[cell.id], every=plan.suite.spec.snapshots) for cell in cells}
        self.stage, self.planned, self._pace = Stage.RUNNING, len(cells), Pace.of(plan)

    def event(self, event: Event) -> None:
        """A worker has said something."""
        if isinstance(event, Progress):
            self._move(event)
        elif isinstance(event, CellStarted):
            self._start(event)
        elif isinstance(event, Probing | Computed) and event.cell in self.running:
            self.running[event.cell].doing = "probing" if isinstance(event, Probing) else "writing"
        elif isinstance(event, Postponed):
            self._end(event.cell, 0.0)
        elif isinstance(event, CellEnded):
            self._end(event.cell, 1.0)

    def recorded(self, record: Record) -> None:
        """A record is on disk."""
        self.done += 1
        self.failed += record.status is not Status.OK
        if self._pace is not None and record.elapsed_s and record.optimise_s:
            # Pictures, targets and files are part of every cell; compilation is not.
            rest = record.elapsed_s - record.optimise_s - (record.first_step_s or 0.0)
            self._pace.measure(record.cell, 0.0, max(0.0, rest))

    def judging(self, pictures: int) -> None:
        """A referee is about to look at so many pictures."""
        self.stage = Stage.JUDGING
        self.to_judge += pictures

    def judged_one(self, _score: Score) -> None:
        """A referee's judgement is on disk."""
        self.judged += 1

    def reporting(self, _: None = None) -> None:
        """The report is being written."""
        self.stage = Stage.REPORTING

    def over(self, well: bool) -> None:
        """The run is over, ``well`` or by whatever stopped it."""
        self.stage = Stage.FINISHED if well else Stage.INTERRUPTED
        self.running.clear()

    @property
    def share(self) -> float:
        """How much of the present stage is done, from 0 to 1."""
        if self.stage is Stage.JUDGING:
            return self.judged / self.to_judge if self.to_judge else 1.0
        return self._pace.share if self._pace is not None else 0.0

    def seconds_left(self) -> float | None:
        """Return an estimate for all cells, judging and reporting left out; None where there are no grounds."""
        return self._pace.seconds_left() if self._pace is not None and self.stage is Stage.RUNNING else None

    def _start(self, event: CellStarted) -> None:
        """A cell begins; perhaps again, if it was lost or is out of its batch."""
        new = self._new[event.cell]
        self.running[event.cell] = Running(new.cell, new.title, event.batch, new.every)
        self._reach(event.cell, 0.0)

    def _move(self, event: Progress) -> None:
        one = self.running.get(event.cell)
        if one is None or self._pace is None:
            return
        before = one.share
        if seconds := one.move(event):
            self._pace.measure(event.cell, one.share - before, seconds)
        self._reach(event.cell, one.share)

    def _end(self, cell: str, share: float) -> None:
        self.running.pop(cell, None)
        self._reach(cell, share)

    def _reach(self, cell: str, share: float) -> None:
        if self._pace is not None:
            self._pace.reach(cell, share)
