"""Cells grouped into jobs: what one worker process does, as plain data in one file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, Self

import msgspec

from nstbench.plugin.descriptors import BackboneInfo, BackendInfo, MetricInfo
from nstbench.suite import Cell

__all__ = ["Job", "JobCell", "JudgeCell", "JudgeJob", "Picture", "StyliseJob", "shared_layers", "start_name"]

JOB = "job"
"""The key of a job file that says what the job is for."""


class Picture(msgspec.Struct, frozen=True):
    """A content or style picture, already decoded and resized: a lossless PNG every backend reads alike."""

    name: str
    path: str
    sha256: str


class JobCell(msgspec.Struct, frozen=True, kw_only=True):
    """One cell of a job. ``step_layers`` are the style layers of the compiled step that it shares with others.

    ``probed``: it is run again from start images that are rounded otherwise.
    """

    id: str
    cell: Cell
    step_layers: tuple[str, ...]
    content: Picture
    style: Picture
    folder: str
    probed: bool = False
    start: Picture | None = None


class _Job(msgspec.Struct, frozen=True, kw_only=True, tag_field=JOB):
    """What all jobs share: cells, of a kind that each job says, and the worker's device, threads and precision."""

    name: str
    device: str
    threads: int
    precision: str
    cells: tuple[Any, ...]

    def without(self, done: Iterable[str]) -> Self:
        """Return the same job with only the cells that are not in ``done``."""
        gone = set(done)
        return msgspec.structs.replace(self, cells=tuple(cell for cell in self.cells if cell.id not in gone))


class StyliseJob(_Job, frozen=True, kw_only=True, tag="stylise"):
    """Cells with the same backend, backbone, weights, device and precision. Paths are absolute.

    ``losses`` maps ``role:name`` to a target; ``relative`` are those that are divided by what they are at the start.
    """

    backend: BackendInfo
    backbone: BackboneInfo
    weights: str
    weights_path: str
    losses: dict[str, str]
    relative: tuple[str, ...] = ()
    cells: tuple[JobCell, ...]


def start_name(cell: Cell) -> str:
    """Return the name of the file that a cell starts from, at its content's size, in the run folder's ``inputs``."""
    digest = hashlib.sha256(cell.init.encode()).hexdigest()[:8]
    return f"{cell.content}-start-{digest}"


class JudgeCell(msgspec.Struct, frozen=True, kw_only=True):
    """One stylised picture to judge, ``image``, and the pictures it was made of."""

    id: str
    image: str
    content: Picture
    style: Picture


class JudgeJob(_Job, frozen=True, kw_only=True, tag="judge"):
    """Pictures before one judge: a network with its weights, or, without a backend, metrics that need none.

    ``layers`` are all that the metrics look at; ``content_layers`` and ``style_layers`` the judge's own among them.
    """

    judge: str
    backend: BackendInfo | None = None
    backbone: BackboneInfo | None = None
    weights_path: str = ""
    metrics: tuple[MetricInfo, ...]
    layers: tuple[str, ...] = ()
    content_layers: tuple[str, ...] = ()
    style_layers: tuple[str, ...] = ()
    cells: tuple[JudgeCell, ...]


Job = StyliseJob | JudgeJob
"""What one worker process does; each of its cells ends with exactly one event."""


def shared_layers(cell: Cell, grid: Sequence[Cell], backbone: BackboneInfo) -> tuple[str, ...]:
    """Return the style layers of the step that serves ``cell``: those of every set that needs the network equally deep.

    The whole grid counts, not what is left to do, so a resumed run compiles the same step.
    """
    order = {layer: i for i, layer in enumerate(backbone.layers)}
    key = _step_key(cell, order)
    layers = {layer for other in grid if _step_key(other, order) == key for layer in other.style_layers}
    return tuple(sorted(layers, key=order.__getitem__))


def _step_key(cell: Cell, order: dict[str, int]) -> tuple[object, ...]:
    known = [order[layer] for layer in (*cell.style_layers, *cell.content_layers) if layer in order]
    losses = (cell.style_loss, cell.content_loss, cell.total_variation_weight > 0, cell.total_variation_loss)
    network = (cell.backend, cell.backbone, cell.weights, cell.precision)
    return (*network, cell.content_layers, losses, max(known, default=-1))
