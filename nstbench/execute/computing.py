"""What is computed of a batch of cells, up to where only their files are left to be written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nstbench.execute.events import Event, Probing, Progress
from nstbench.execute.jobs import Batch, JobCell
from nstbench.execute.optimised import Optimised, rounding_spreads
from nstbench.execute.outputs import write_outputs
from nstbench.execute.peak import Peak
from nstbench.execute.snapshots import Snapshots
from nstbench.execute.workshop import Workshop
from nstbench.execute.writer import Ending, Writer
from nstbench.measure.clock import StepClock
from nstbench.plugin.protocols import Session
from nstbench.results.record import Status
from nstbench.transfer.objective import Objective, TermWeights
from nstbench.transfer.optimise import optimise_batch
from nstbench.transfer.problem import Block, Problem
from nstbench.transfer.relative import in_units_of_start
from nstbench.transfer.start import noise_seed, noisy, start_image

__all__ = ["Emit", "compute"]

Emit = Callable[[Event], None]

_BLOCK = {"cpu": 1, "cuda": 50}
"""Steps between two looks at the losses: on a CPU looking is free."""
_LARGE = 256 * 256
"""Pixels up to which a picture's similarities leave less than 5 MiB behind."""


def compute(shop: Workshop, batch: Batch, emit: Emit, writer: Writer) -> list[Ending]:
    """Optimise a batch; return an ending for each of its wanted cells. Raises whatever goes wrong."""
    began = perf_counter()
    with Peak(shop.backend, writer, tidy=_to_be_tidied(shop, batch)) as peak:
        task, snapshots = _Task.of(shop, batch), Snapshots(batch, shop.job.snapshots)
        snapshots.begin(task.problem.start)
        outcomes = optimise_batch(task.session, task.problem, _Watch(batch, task, emit, peak, snapshots))
        run = Optimised(task.session, task.problem, outcomes)
        if task.problem.iterations:
            shop.compiled.add(task.step)
        fields = {"batch": len(batch.cells), "step_path": task.session.path, "peak_memory_mb": peak.mb()}
    fields |= {"elapsed_s": (perf_counter() - began) / len(batch.cells)} | _times(task.clock, batch)
    spreads = _spreads(run, batch, emit)
    return [
        Ending(one.id, _writing(shop, task, run, i, one, snapshots), fields | spreads.get(one.id, {}), batch.note)
        for i, one in enumerate(batch.cells)
        if one in batch.wanted
    ]


def _to_be_tidied(shop: Workshop, batch: Batch) -> bool:
    """Say whether memory is kept that would count as this batch's and is not: another size's, or a writer's of note."""
    height, width, _ = shop.pixels(batch.cells[0].content).shape
    before, shop.size = shop.size, (len(batch.cells), height, width)
    return before != shop.size or height * width > _LARGE


@dataclass(frozen=True, slots=True)
class _Task:
    """A batch as the session gets it. ``step`` is what the session compiles for."""

    objective: Objective
    session: Session
    terms: tuple[TermWeights, ...]
    problem: Problem
    clock: StepClock
    step: tuple[object, ...]

    @classmethod
    def of(cls, shop: Workshop, batch: Batch) -> _Task:
        """Read the pictures, reduce them to targets, and, for relative losses, evaluate the start."""
        cell, objective = batch.cells[0].cell, shop.objective(batch.cells[0])
        session, terms = shop.session(objective), tuple(_terms(one) for one in batch.cells)
        problem = Problem(
            start=np.stack([_start(shop, one) for one in batch.cells]),
            targets=shop.targets(objective, batch.cells),
            weights=objective.weight_table(terms),
            optimizer=cell.optimizer,
            iterations=cell.iterations,
            block=_BLOCK[shop.job.device.partition(":")[0]],
            every=shop.job.snapshots,
        )
        step = (objective, problem.start.shape)
        clock = StepClock(cold=step not in shop.compiled)
        if roles := shop.relative(cell):
            started = perf_counter()
            terms = in_units_of_start(session, objective, problem, terms, roles)
            problem = replace(problem, weights=objective.weight_table(terms))
            clock.add(perf_counter() - started, 0)
        return cls(objective, session, terms, problem, clock, step)


@dataclass(frozen=True, slots=True)
class _Watch:
    """Sees every block: keeps the clock and the pictures on the way, and tells the parent."""

    batch: Batch
    task: _Task
    emit: Emit
    peak: Peak
    snapshots: Snapshots

    def __call__(self, block: Block) -> None:
        steps, done = len(block.losses), block.done
        self.task.clock.add(block.seconds, steps)
        self.snapshots.see(block)
        rate = steps / block.seconds if block.seconds else None
        for one, losses in zip(self.batch.cells, block.losses[-1], strict=True):
            if one in self.batch.wanted:
                self.emit(Progress(one.id, done, float(losses[0]), rate))
        if done < self.task.problem.iterations:
            self.peak.step_done()


def _terms(one: JobCell) -> TermWeights:
    cell = one.cell
    weights = (cell.content_weight, cell.style_weight, cell.total_variation_weight)
    return TermWeights(cell.content_layers, cell.style_layers, *weights)


def _start(shop: Workshop, one: JobCell) -> NDArray[np.float32]:
    cell, file = one.cell, None if one.start is None else shop.pixels(one.start)
    start = start_image(cell.init, shop.pixels(one.content), shop.pixels(one.style), cell.seed, file)
    return noisy(start, cell.init_noise, noise_seed(cell.seed, cell.content, cell.style, cell.repeat))


def _times(clock: StepClock, batch: Batch) -> dict[str, Any]:
    """Return the times of a cell's steps; in a batch, no cell has any of its own."""
    times = clock.times()
    return {name: getattr(times, name) for name in times.__slots__} if len(batch.cells) == 1 else {}


def _spreads(run: Optimised, batch: Batch, emit: Emit) -> dict[str, dict[str, float | None]]:
    """Run a batch again, where cells of it are probed; return what their records say of it."""
    probed = [one for one in batch.wanted if one.probed]
    if not probed:
        return {}

    def begin() -> None:
        for one in batch.wanted:
            emit(Probing(one.id))

    found = rounding_spreads(run, [one.cell.seed for one in batch.cells], begin)
    spreads = dict(zip((one.id for one in batch.cells), found, strict=True))
    return {one.id: {"rounding_spread": spreads[one.id]} for one in probed}


def _writing(
    shop: Workshop, task: _Task, run: Optimised, i: int, one: JobCell, snapshots: Snapshots
) -> Callable[[], dict[str, Any]]:
    pictures = (shop.pixels(one.content), shop.pixels(one.style))
    write = partial(
        write_outputs, one, task.objective, task.terms[i], run.outcomes[i], task.problem.start[i], *pictures
    )

    def write_all() -> dict[str, Any]:
        fields = write()
        problem = snapshots.animate(one) if fields["status"] is Status.OK else ""
        return fields | {"reason": "; ".join(filter(None, (fields["reason"], problem)))}

    return write_all
