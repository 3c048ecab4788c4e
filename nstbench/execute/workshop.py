"""What a worker keeps open for its cells: backend, extractor, compiled steps; and one attempt at one cell."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nstbench.execute.events import Event, Probing, Progress
from nstbench.execute.failures import classify
from nstbench.execute.jobs import JobCell, StyliseJob
from nstbench.execute.optimised import Optimised, optimised, rounding_spread
from nstbench.execute.outputs import write_outputs
from nstbench.images.decode import decode
from nstbench.measure.clock import StepClock
from nstbench.measure.memory import PeakMemory
from nstbench.plugin.descriptors import ParameterCounts
from nstbench.plugin.protocols import Backend, Extractor, Session
from nstbench.plugin.target import load_target
from nstbench.suite import Cell
from nstbench.transfer.objective import Objective, TermWeights
from nstbench.transfer.problem import Block, Problem
from nstbench.transfer.relative import in_units_of_start
from nstbench.transfer.start import noise_seed, noisy, start_image
from nstbench.weights.canonical import load_weight_set
from nstbench.weights.weight_set import WeightSet

__all__ = ["Workshop"]

Emit = Callable[[Event], None]
Pixels = NDArray[np.uint8]

_BLOCK = {"cpu": 1, "cuda": 50}
"""Steps between two looks at the losses: on a CPU looking is free."""


@dataclass(slots=True)
class Workshop:
    """Everything the cells of one job share. ``load_s`` goes to the first cell only."""

    job: StyliseJob
    backend: Backend
    weights: WeightSet
    counts: ParameterCounts | None
    load_s: float | None = None
    _extractors: dict[tuple[str, ...], Extractor] = field(default_factory=dict)
    _sessions: dict[Objective, Session] = field(default_factory=dict)
    _compiled: set[tuple[Objective, tuple[int, ...]]] = field(default_factory=set)

    @classmethod
    def open(cls, job: StyliseJob) -> Workshop:
        """Start the framework, read the weights, and build the network once, so that errors show before a cell."""
        backend: Backend = load_target(job.backend.target)()
        backend.configure(device=job.device, threads=job.threads, precision=job.precision)
        weights = load_weight_set(Path(job.weights_path))
        counts = backend.count_parameters(job.backbone) or job.backbone.parameters
        shop = cls(job, backend, weights, counts)
        if job.cells:
            shop._session(shop._objective(job.cells[0]))
        return shop

    def attempt(self, one: JobCell, emit: Emit) -> dict[str, Any]:
        """Run one cell and write its files; return the fields of its record. Never raises."""
        memory, run = PeakMemory(), None
        try:
            self.backend.reset_peak_memory()
            memory.start()
            fields, run = self._run(one, emit)
            peak = self.backend.peak_memory_mb()
            fields["peak_memory_mb"] = memory.stop() if peak is None else peak
        except Exception as error:
            traceback.print_exc()
            status, reason = classify(error)
            fields = {"status": status, "reason": reason}
        finally:
            memory.close()
        if one.probed and run is not None:
            fields["rounding_spread"] = rounding_spread(run, one.cell.seed, lambda: emit(Probing(one.id)))
        return fields | self._of_job()

    def _of_job(self) -> dict[str, Any]:
        fields: dict[str, Any] = {"load_s": self.load_s, "weights_sha256": self.weights.sha256}
        fields["architecture"] = self.weights.architecture
        self.load_s = None
        if self.counts is not None:
            fields |= {
                "parameters_total": self.counts.total,
                "parameters_trainable": self.counts.trainable,
                "parameters_non_trainable": self.counts.non_trainable,
            }
        return fields

    def _run(self, one: JobCell, emit: Emit) -> tuple[dict[str, Any], Optimised]:
        cell, objective = one.cell, self._objective(one)
        content, style = decode(Path(one.content.path)), decode(Path(one.style.path))
        session = self._session(objective)
        terms = _terms(one)
        problem = Problem(
            start=_start(one, content, style)[None],
            targets=session.targets(_batch(content), _batch(style)),
            weights=objective.weight_table([terms]),
            optimizer=cell.optimizer,
            iterations=cell.iterations,
            block=_BLOCK[self.job.device.partition(":")[0]],
        )
        step = (objective, content.shape)
        clock = StepClock(cold=step not in self._compiled)
        if relative := self._relative(cell):
            started = perf_counter()
            terms = in_units_of_start(session, objective, problem, terms, relative)
            problem = replace(problem, weights=objective.weight_table([terms]))
            clock.add(perf_counter() - started, 0)
        run = optimised(session, problem, _Watch(one, clock, emit))
        if cell.iterations:
            self._compiled.add(step)
        fields = write_outputs(one, objective, terms, run.outcome, problem.start[0], content, style)
        return fields | _times(clock) | {"step_path": session.path}, run

    def _relative(self, cell: Cell) -> tuple[str, ...]:
        """Return the roles whose losses are divided by what they are at the start."""
        chosen = {"content": cell.content_loss, "style": cell.style_loss}
        return tuple(role for role, name in chosen.items() if f"{role}:{name}" in self.job.relative)

    def _objective(self, one: JobCell) -> Objective:
        cell = one.cell
        return Objective(
            content_layers=cell.content_layers,
            style_layers=one.step_layers,
            content_loss=load_target(self.job.losses[f"content:{cell.content_loss}"]),
            style_loss=load_target(self.job.losses[f"style:{cell.style_loss}"]),
            total_variation=cell.total_variation_loss if cell.total_variation_weight else "",
        )

    def _session(self, objective: Objective) -> Session:
        if objective not in self._sessions:
            layers = tuple(sorted(objective.layers, key=list(self.job.backbone.layers).index))
            if layers not in self._extractors:
                self._extractors[layers] = self.backend.open(self.job.backbone, self.weights, layers)
            self._sessions[objective] = self.backend.session(self._extractors[layers], objective)
        return self._sessions[objective]


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


def _batch(image: Pixels) -> NDArray[np.float32]:
    return image[None].astype(np.float32)


def _times(clock: StepClock) -> dict[str, Any]:
    times = clock.times()
    return {name: getattr(times, name) for name in times.__slots__}
