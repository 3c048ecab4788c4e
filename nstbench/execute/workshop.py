"""What a worker keeps for its cells: backend, network, compiled steps, and what it made of the latest pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nstbench.execute.heap import keep_freed_memory
from nstbench.execute.jobs import JobCell, Picture, StyliseJob
from nstbench.execute.kept import Kept
from nstbench.images.decode import decode
from nstbench.plugin.descriptors import ParameterCounts
from nstbench.plugin.protocols import Backend, Extractor, Session
from nstbench.plugin.target import load_target
from nstbench.suite import Cell
from nstbench.transfer.objective import Objective
from nstbench.weights.canonical import load_weight_set
from nstbench.weights.weight_set import WeightSet

__all__ = ["Workshop"]

Pixels = NDArray[np.uint8]

_PICTURES, _PAIRS = 4, 2
"""Decoded pictures, and pairs of pictures whose targets are kept: cells come in the order of the grid, pair by pair."""


@dataclass(slots=True)
class Workshop:
    """Everything the cells of one job share.

    ``load_s`` goes to the first cell only. ``compiled`` are the steps that have run, ``size`` is (batch, height, width)
    of the latest.
    """

    job: StyliseJob
    backend: Backend
    weights: WeightSet
    counts: ParameterCounts | None
    load_s: float | None = None
    compiled: set[tuple[object, ...]] = field(default_factory=set)
    size: tuple[int, int, int] | None = None
    _extractors: dict[tuple[str, ...], Extractor] = field(default_factory=dict)
    _sessions: dict[Objective, Session] = field(default_factory=dict)
    _pictures: Kept[str, Pixels] = field(default_factory=lambda: Kept(_PICTURES))
    _targets: Kept[tuple[Objective, str, str], Any] = field(default_factory=lambda: Kept(_PAIRS))

    @classmethod
    def open(cls, job: StyliseJob) -> Workshop:
        """Start the framework, read the weights, and build the network once, so that errors show before a cell."""
        keep_freed_memory()
        backend: Backend = load_target(job.backend.target)()
        backend.configure(device=job.device, threads=job.threads, precision=job.precision)
        weights = load_weight_set(Path(job.weights_path))
        counts = backend.count_parameters(job.backbone) or job.backbone.parameters
        shop = cls(job, backend, weights, counts)
        if job.cells:
            shop.session(shop.objective(job.cells[0]))
        shop.weights = replace(weights, tensors={})  # the network has them: as much memory again
        return shop

    def of_job(self) -> dict[str, Any]:
        """Return the fields that the records of the job's cells share; the first one asked for has the loading."""
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

    def pixels(self, picture: Picture) -> Pixels:
        """Return a picture of the job, (height, width, 3)."""
        return self._pictures.get(picture.path, lambda: decode(Path(picture.path)))

    def objective(self, one: JobCell) -> Objective:
        """Return what the cell minimises, as the step computes it that it shares with others."""
        cell = one.cell
        return Objective(
            content_layers=cell.content_layers,
            style_layers=one.step_layers,
            content_loss=load_target(self.job.losses[f"content:{cell.content_loss}"]),
            style_loss=load_target(self.job.losses[f"style:{cell.style_loss}"]),
            total_variation=cell.total_variation_loss if cell.total_variation_weight else "",
        )

    def whole_weights(self) -> WeightSet:
        """Return the weights with their tensors, read again if the workshop has let them go."""
        return self.weights if self.weights.tensors else load_weight_set(Path(self.job.weights_path))

    def session(self, objective: Objective) -> Session:
        """Return the step for an objective, prepared once."""
        if objective not in self._sessions:
            layers = tuple(sorted(objective.layers, key=list(self.job.backbone.layers).index))
            if layers not in self._extractors:
                self._extractors[layers] = self.backend.open(self.job.backbone, self.whole_weights(), layers)
            self._sessions[objective] = self.backend.session(self._extractors[layers], objective)
        return self._sessions[objective]

    def targets(self, objective: Objective, cells: Sequence[JobCell]) -> Any:
        """Return the targets of the pictures of a batch of cells."""
        each = [self._targets_of(objective, one) for one in cells]
        return each[0] if len(each) == 1 else self.session(objective).stack(each)

    def _targets_of(self, objective: Objective, one: JobCell) -> Any:
        """Return a cell's targets: two runs of the network, unless the cell before needed them.

        They are made for each pair of pictures alone, since style pictures have sizes of their own.
        """

        def make() -> Any:
            return self.session(objective).targets(_batch(self.pixels(one.content)), _batch(self.pixels(one.style)))

        return self._targets.get((objective, one.content.path, one.style.path), make)

    def relative(self, cell: Cell) -> tuple[str, ...]:
        """Return the roles whose losses are divided by what they are at the start."""
        chosen = {"content": cell.content_loss, "style": cell.style_loss}
        return tuple(role for role, name in chosen.items() if f"{role}:{name}" in self.job.relative)


def _batch(image: Pixels) -> NDArray[np.float32]:
    return image[None].astype(np.float32)
