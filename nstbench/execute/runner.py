"""Run a suite: plan, prepare, supervise, record, report."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from nstbench.errors import MissingError
from nstbench.execute.batches import batches, companions
from nstbench.execute.estimate import remember_speed
from nstbench.execute.events import CellEnded, CellStarted
from nstbench.execute.jobs import StyliseJob
from nstbench.execute.manifest import manifest_of
from nstbench.execute.options import Options
from nstbench.execute.plan import Plan, PlannedCell, make_plan
from nstbench.execute.prepare import convert_weights, fetch_all, prepare_pictures, write_pictures
from nstbench.execute.recording import Recorder, now
from nstbench.execute.schedule import make_jobs, threads_per_worker
from nstbench.execute.signals import terminable
from nstbench.execute.supervise import supervise
from nstbench.execute.watcher import Watcher, Watchers
from nstbench.images.prepare import Prepared
from nstbench.live.writing import LiveFile
from nstbench.plugin import Catalogue
from nstbench.referee.hearings import to_judge
from nstbench.referee.judging import judge_pictures
from nstbench.results.folder import RunFolder
from nstbench.results.lock import locked
from nstbench.results.manifest import write_manifest
from nstbench.results.record import Record, Status
from nstbench.results.store import append
from nstbench.results.upkeep import forget, sweep, withdraw
from nstbench.suite import Suite

__all__ = ["RunResult", "Watcher", "run_suite"]


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run leaves: the folder, and the last status of every chosen cell by its id, None if it has none.

    ``reports`` are ``report.md`` and what reporters made.
    """

    folder: RunFolder
    statuses: dict[str, Status | None]
    reports: tuple[Path, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 if every cell is ok (or skipped by the suite itself), else 1."""
        return 0 if all(status in (Status.OK, Status.SKIPPED) for status in self.statuses.values()) else 1


def run_suite(suite: Suite, options: Options, watcher: Watcher, catalogue: Catalogue | None = None) -> RunResult:
    """Run every cell of the suite that is not done, and write the report.

    Raises ``MissingError`` before anything runs if files are missing, ``RunError`` if the folder cannot be used.
    """
    from nstbench.report.build import write_report

    plan = make_plan(suite, options, catalogue)
    if plan.missing:
        raise MissingError(plan.missing + plan.downloads)
    if fetch_all(plan):
        plan = make_plan(suite, options, plan.catalogue)
    supplies = _Supplies.of(plan)  # before the folder is touched: what is wrong with a picture leaves nothing behind
    plan.folder.create()
    with terminable(), locked(plan.folder):
        sweep(plan.folder)
        plan = make_plan(suite, options, plan.catalogue)  # under the lock: what another run has finished is done
        with LiveFile(plan.folder, watcher.warn) as live:
            result = _Run(plan, Watchers((live, watcher)), supplies).go()
            live.reporting()
            written = write_report(plan.folder.path, plan.catalogue)
    problems = plan.catalogue.notify("nstbench_run_finished", run=str(plan.folder.path))
    for problem in (*written.problems, *problems):
        watcher.warn(str(problem))
    return replace(result, reports=written.paths)


@dataclass(frozen=True, slots=True)
class _Supplies:
    """What the cells of a plan read: canonical weights by (backbone, name), pictures by (name, size)."""

    weights: dict[tuple[str, str], Path]
    pictures: dict[tuple[str, int], Prepared]

    @classmethod
    def of(cls, plan: Plan) -> _Supplies:
        cells = [one for one in plan.cells if one.runs]
        others = companions(plan, batches(plan))
        return cls(convert_weights(cells), prepare_pictures(plan, [one.cell for one in cells], others))


@dataclass(slots=True)
class _Run:
    plan: Plan
    watcher: Watcher
    supplies: _Supplies

    def go(self) -> RunResult:
        plan, folder = self.plan, self.plan.folder
        recorder = Recorder(plan, threads_per_worker(plan))
        cells = [one for one in plan.cells if one.runs]
        if plan.options.fresh:
            forget(folder)
        write_pictures(self.supplies.pictures, folder)
        jobs = make_jobs(plan, cells, self.supplies.weights)
        write_manifest(folder, manifest_of(plan))
        statuses = {one.cell.id: one.previous.status if one.previous else None for one in plan.cells}
        for record in recorder.not_run():
            append(folder, record)
            statuses[record.cell] = record.status
        self.watcher.begin(plan)
        by_id = {one.cell.id: one for one in cells}
        records = []
        for record in self._records(jobs, by_id, recorder):
            records.append(record)
            statuses[record.cell] = record.status
            if plan.options.fail_fast and record.status is not Status.OK:
                return RunResult(folder, statuses)
        remember_speed(plan, records)
        self._judge({cell for cell, status in statuses.items() if status is Status.OK})
        return RunResult(folder, statuses)

    def _judge(self, cells: set[str]) -> None:
        """Have the pictures of ``cells`` judged where they are not yet; whatever becomes of it, the cells are ok."""
        hearings = to_judge(self.plan, cells)
        for hearing in hearings:
            if hearing.cells:
                self.watcher.judging(hearing.judge, len(hearing.cells))
        for score in judge_pictures(self.plan, hearings):
            self.watcher.judged(score)

    def _records(self, jobs: list[StyliseJob], cells: dict[str, PlannedCell], recorder: Recorder) -> Generator[Record]:
        """Yield each record once it is on disk."""
        options, started = self.plan.options, {}
        timeout = self.plan.suite.spec.timeout
        events = supervise(jobs, self.plan.folder.logs.absolute(), workers=options.jobs, timeout=timeout)
        try:
            for job, event in events:
                self.watcher.event(job, event)
                if isinstance(event, CellStarted):
                    started[event.cell] = now()
                if isinstance(event, CellEnded):
                    planned = cells[event.cell]
                    record = recorder.record(planned, event.fields, job=job.name, started=started.get(event.cell, ""))
                    append(self.plan.folder, record)
                    if record.status is not Status.OK:
                        withdraw(self.plan.folder, record)
                    self.watcher.recorded(planned, record)
                    self._tell(planned, record)
                    yield record
        finally:
            events.close()

    def _tell(self, planned: PlannedCell, record: Record) -> None:
        seen = {"cell": msgspec.to_builtins(planned.cell), "record": msgspec.to_builtins(record)}
        run = str(self.plan.folder.path)
        for problem in self.plan.catalogue.notify("nstbench_cell_finished", **seen, run=run):
            self.watcher.warn(str(problem))
