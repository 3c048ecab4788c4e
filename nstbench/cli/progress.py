"""What a run shows while it goes: bars in a terminal, a line per cell on a plain pipe."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from nstbench.cli.console import make_console
from nstbench.execute.events import CellEnded, CellStarted, Event, Postponed
from nstbench.execute.events import Progress as Step
from nstbench.execute.jobs import Job
from nstbench.execute.plan import Plan, PlannedCell
from nstbench.execute.runner import RunResult
from nstbench.referee.choose import Judge
from nstbench.results.record import Record, Status
from nstbench.results.scores import Score
from nstbench.suite import variations

__all__ = ["watching"]


@contextmanager
def watching(*, quiet: bool) -> Iterator[Printer]:
    """Yield what shows a run on standard error: a ``Bars`` in a terminal, else a ``Printer``."""
    console = make_console(stderr=True, quiet=quiet)
    if quiet or not console.is_terminal:
        yield Printer(console)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[note]}"), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        yield Bars(progress)


@dataclass
class Printer:
    """One line per cell."""

    console: Console
    total: int = 0
    done: int = 0
    titles: dict[str, str] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)

    def begin(self, plan: Plan) -> None:
        """Say what is about to happen."""
        self.total = sum(one.runs for one in plan.cells)
        varying = variations(plan.grid)
        self.titles = {one.cell.id: f"{one.title} {varying[one.cell.id]}".strip() for one in plan.cells}
        counts = ", ".join(f"{count} {state}" for state, count in plan.counts().items())
        self.console.print(f"{escape(plan.suite.name)}: {len(plan.cells)} cells: {counts}")
        for choice in {
            (one.cell.label, one.weights.info.name)
            for one in plan.cells
            if one.weights and one.runs and len(one.cell.weights) > 1
        }:
            self.console.print(escape(f"{choice[0]}: taking weights {choice[1]}"))
        for problem in plan.catalogue.problems:
            self.warn(str(problem))

    def event(self, job: Job, event: Event) -> None:
        """Steps are too many for lines."""

    def recorded(self, planned: PlannedCell, record: Record) -> None:
        """Print the cell's line."""
        self.done += 1
        colour = "green" if record.status is Status.OK else "red"
        head = f" [{colour}]{record.status:<8}[/] {escape(self.titles[planned.cell.id])}"
        self.console.print(rf"\[{self.done}/{self.total}]{head}  {escape(_figures(record))}")

    def judging(self, judge: Judge, pictures: int) -> None:
        """Say who judges."""
        self.console.print(escape(f"judging {pictures} picture{'s' if pictures != 1 else ''}: {judge.title}"))

    def judged(self, score: Score) -> None:
        """Warn of a judge that says nothing at all, once for each reason."""
        reasons = dict.fromkeys(score.reasons.values())
        if not any(value is not None for value in score.values.values()):
            for reason in reasons:
                text = f"referee {score.judge or 'of pictures'}: {reason}"
                if text not in self.told:
                    self.told.add(text)
                    self.warn(text)

    def warn(self, text: str) -> None:
        """Print a warning."""
        self.console.print(escape(text), style="yellow")

    def summary(self, result: RunResult) -> None:
        """Say how many cells ended how, and what to do about those that failed."""
        counts = Counter(result.statuses.values())
        text = ", ".join(f"{count} {status or 'not run'}" for status, count in counts.items())
        self.console.print(f"{escape(str(result.folder.path))}: {text}")
        if any(status not in (Status.OK, Status.SKIPPED, Status.UNAVAILABLE) for status in counts):
            self.console.print("--retry failed attempts the failed cells again; logs are in the run folder.")


@dataclass
class Bars(Printer):
    """An overall bar and one for each running cell."""

    progress: Any = None
    overall: TaskID | None = None
    hearing: TaskID | None = None
    tasks: dict[str, TaskID] = field(default_factory=dict)
    planned: dict[str, PlannedCell] = field(default_factory=dict)

    def __init__(self, progress: Progress) -> None:
        super().__init__(progress.console)
        self.progress, self.tasks, self.planned = progress, {}, {}

    def begin(self, plan: Plan) -> None:
        """Open the overall bar, counted in iterations so that the time left means something."""
        super().begin(plan)
        self.planned = {one.cell.id: one for one in plan.cells if one.runs}
        steps = sum(one.cell.iterations + 1 for one in self.planned.values())
        self.overall = self.progress.add_task("all cells", total=steps, note=f"0/{self.total} cells")

    def event(self, job: Job, event: Event) -> None:  # noqa: ARG002
        """Move the cell's bar."""
        if isinstance(event, CellStarted | Postponed) and event.cell in self.tasks:
            self._forget(event.cell)  # it was lost, or is out of its batch, and begins again
        if isinstance(event, CellStarted):
            cell = self.planned[event.cell].cell
            title = escape(self.titles[event.cell])
            self.tasks[event.cell] = self.progress.add_task(title, total=cell.iterations, note="")
        elif isinstance(event, Step) and event.cell in self.tasks:
            self._move(event)
        elif isinstance(event, CellEnded) and event.cell in self.tasks:
            self._finish(event.cell)

    def recorded(self, planned: PlannedCell, record: Record) -> None:
        """Print the cell's line above the bars."""
        super().recorded(planned, record)
        self.progress.update(self.overall, note=f"{self.done}/{self.total} cells")

    def judging(self, judge: Judge, pictures: int) -> None:
        """Open the judges' bar, or make it longer."""
        super().judging(judge, pictures)
        if self.hearing is None:
            self.hearing = self.progress.add_task("judging", total=0, note="")
        task = self.progress.tasks[self.progress.task_ids.index(self.hearing)]
        self.progress.update(self.hearing, total=task.total + pictures)

    def judged(self, score: Score) -> None:
        """Move the judges' bar."""
        super().judged(score)
        self.progress.advance(self.hearing, 1)

    def _move(self, event: Step) -> None:
        task, before = self.tasks[event.cell], self._completed(event.cell)
        note = f"{event.done} loss {event.loss:.3g}" if event.loss is not None else str(event.done)
        note += f" {event.per_second:.1f} it/s" if event.per_second else ""
        self.progress.update(task, completed=event.done, note=note)
        self.progress.advance(self.overall, event.done - before)

    def _finish(self, cell: str) -> None:
        rest = self.planned[cell].cell.iterations + 1 - self._completed(cell)
        self.progress.remove_task(self.tasks.pop(cell))
        self.progress.advance(self.overall, rest)

    def _forget(self, cell: str) -> None:
        done = self._completed(cell)
        self.progress.remove_task(self.tasks.pop(cell))
        self.progress.advance(self.overall, -done)

    def _completed(self, cell: str) -> float:
        return float(self.progress.tasks[self.progress.task_ids.index(self.tasks[cell])].completed)


def _figures(record: Record) -> str:
    if record.status is not Status.OK:
        return record.reason
    parts = [f"total {record.total:.4g}" if record.total is not None else ""]
    parts.append(f"{record.iterations_per_s:.2f} it/s" if record.iterations_per_s else "")
    parts.append(f"{record.optimise_s:.1f} s" if record.optimise_s is not None else "")
    parts.append(
        f"{record.elapsed_s:.1f} s in a batch of {record.batch}" if record.elapsed_s and record.batch > 1 else ""
    )
    return "  ".join(part for part in parts if part)
