"""What a run shows while it goes: lines that move in a terminal, a line for each finished cell everywhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.live import Live
from rich.markup import escape

from nstbench.cli.console import make_console
from nstbench.cli.screen import Screen
from nstbench.execute.events import Event
from nstbench.execute.jobs import Job
from nstbench.execute.plan import Plan, PlannedCell
from nstbench.execute.runner import RunResult
from nstbench.execute.watcher import Onlooker
from nstbench.live.standing import Standing
from nstbench.referee.choose import Judge
from nstbench.results.record import Record, Status
from nstbench.results.scores import Score

__all__ = ["watching"]

_PER_SECOND = 4
"""Times that the screen is drawn: often enough to look alive, and no work to speak of."""


@contextmanager
def watching(*, quiet: bool) -> Iterator[Printer]:
    """Yield what shows a run on standard error: a ``Bars`` in a terminal, else a ``Printer``."""
    console = make_console(stderr=True, quiet=quiet)
    if quiet or not console.is_terminal:
        yield Printer(console)
        return
    bars = Bars(console)
    with Live(Screen(bars.standing), console=console, refresh_per_second=_PER_SECOND, transient=True):
        yield bars


@dataclass
class Printer(Onlooker):
    """One line per cell."""

    console: Console
    total: int = 0
    done: int = 0
    titles: dict[str, str] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)

    def begin(self, plan: Plan) -> None:
        """Say what is about to happen."""
        self.total = sum(one.runs for one in plan.cells)
        self.titles = plan.titles()
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

    def say(self, text: str) -> None:
        """Print a line."""
        self.console.print(escape(text))

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
    """The lines of a ``Printer`` above what ``Screen`` draws of ``standing``."""

    standing: Standing = field(default_factory=Standing)

    def begin(self, plan: Plan) -> None:
        """See ``Watcher``."""
        super().begin(plan)
        self.standing.begin(plan)

    def event(self, job: Job, event: Event) -> None:  # noqa: ARG002
        """See ``Watcher``."""
        self.standing.event(event)

    def recorded(self, planned: PlannedCell, record: Record) -> None:
        """Print the cell's line above the others."""
        self.standing.recorded(record)
        super().recorded(planned, record)

    def judging(self, judge: Judge, pictures: int) -> None:
        """See ``Watcher``."""
        super().judging(judge, pictures)
        self.standing.judging(pictures)

    def judged(self, score: Score) -> None:
        """See ``Watcher``."""
        super().judged(score)
        self.standing.judged_one(score)


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
