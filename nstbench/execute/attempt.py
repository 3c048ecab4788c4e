"""One attempt at one cell, in the worker: optimise, measure, write."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nstbench.execute.events import Event, Probing, Progress
from nstbench.execute.failures import classify
from nstbench.execute.jobs import JobCell
from nstbench.execute.optimised import Optimised, optimised, rounding_spread
from nstbench.execute.outputs import write_outputs
from nstbench.execute.workshop import Workshop
from nstbench.images.decode import decode
from nstbench.measure.clock import StepClock
from nstbench.measure.memory import PeakMemory
from nstbench.transfer.objective import TermWeights
from nstbench.transfer.problem import Block, Problem
from nstbench.transfer.relative import in_units_of_start
from nstbench.transfer.start import noise_seed, noisy, start_image

__all__ = ["attempt"]

Emit = Callable[[Event], None]
Pixels = NDArray[np.uint8]

_BLOCK = {"cpu": 1, "cuda": 50}
"""Steps between two looks at the losses: on a CPU looking is free."""


def attempt(shop: Workshop, one: JobCell, emit: Emit) -> dict[str, Any]:
    """Run one cell and write its files; return the fields of its record. Never raises."""
    memory, run = PeakMemory(), None
    try:
        shop.backend.reset_peak_memory()
        memory.start()
        fields, run = _run(shop, one, emit)
        peak = shop.backend.peak_memory_mb()
        fields["peak_memory_mb"] = memory.stop() if peak is None else peak
    except Exception as error:
        traceback.print_exc()
        status, reason = classify(error)
        fields = {"status": status, "reason": reason}
    finally:
        memory.close()
    if one.probed and run is not None:
        fields["rounding_spread"] = rounding_spread(run, one.cell.seed, lambda: emit(Probing(one.id)))
    return fields | shop.of_job()


def _run(shop: Workshop, one: JobCell, emit: Emit) -> tuple[dict[str, Any], Optimised]:
    cell, objective = one.cell, shop.objective(one)
    content, style = shop.pixels(one.content), shop.pixels(one.style)
    session = shop.session(objective)
    terms = _terms(one)
    problem = Problem(
        start=_start(one, content, style)[None],
        targets=shop.targets(objective, one),
        weights=objective.weight_table([terms]),
        optimizer=cell.optimizer,
        iterations=cell.iterations,
        block=_BLOCK[shop.job.device.partition(":")[0]],
    )
    step = (objective, content.shape)
    clock = StepClock(cold=step not in shop.compiled)
    if relative := shop.relative(cell):
        started = perf_counter()
        terms = in_units_of_start(session, objective, problem, terms, relative)
        problem = replace(problem, weights=objective.weight_table([terms]))
        clock.add(perf_counter() - started, 0)
    run = optimised(session, problem, _Watch(one, clock, emit))
    if cell.iterations:
        shop.compiled.add(step)
    fields = write_outputs(one, objective, terms, run.outcome, problem.start[0], content, style)
    return fields | _times(clock) | {"step_path": session.path}, run


@dataclass(frozen=True, slots=True)
class _Watch:
    """Sees every block: keeps the clock and tells the parent."""

    one: JobCell
    clock: StepClock
    emit: Emit

    def __call__(self, block: Block) -> None:
        self.clock.add(block.seconds, len(block.losses))
        last = float(block.losses[-1, 0])
        rate = len(block.losses) / block.seconds if block.seconds else None
        self.emit(Progress(self.one.id, block.first + len(block.losses), last, rate))


def _terms(one: JobCell) -> TermWeights:
    cell = one.cell
    weights = (cell.content_weight, cell.style_weight, cell.total_variation_weight)
    return TermWeights(cell.content_layers, cell.style_layers, *weights)


def _start(one: JobCell, content: Pixels, style: Pixels) -> NDArray[np.float32]:
    cell = one.cell
    file = None if one.start is None else decode(Path(one.start.path))
    start = start_image(cell.init, content, style, cell.seed, file)
    return noisy(start, cell.init_noise, noise_seed(cell.seed, cell.content, cell.style, cell.repeat))


def _times(clock: StepClock) -> dict[str, Any]:
    times = clock.times()
    return {name: getattr(times, name) for name in times.__slots__}
