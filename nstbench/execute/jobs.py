"""Cells grouped into jobs: what one worker process does, as plain data in one file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import msgspec

from nstbench.plugin.descriptors import BackboneInfo, BackendInfo, MetricInfo
from nstbench.suite import Cell

__all__ = ["Batch", "Job", "JobCell", "JudgeCell", "JudgeJob", "Picture", "StyliseJob", "picture_names", "start_name"]

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


@dataclass(frozen=True, slots=True)
class Batch:
    """Cells that are optimised together, in this order; only the ``wanted`` ones are recorded.

    ``failure`` is what went wrong with the batch that a cell is out of, ``awaited`` whether the files are written
    before the next batch begins.
    """

    cells: tuple[JobCell, ...]
    wanted: tuple[JobCell, ...]
    failure: str = ""
    awaited: bool = False

    @property
    def note(self) -> str:
        """What the records of its cells say of it; empty as a rule."""
        return f"it ran alone because its batch failed: {self.failure}" if self.failure else ""

    def apart(self, failure: str) -> tuple[Batch, ...]:
        """Return a batch for each of the wanted cells."""
        return tuple(Batch((one,), (one,), failure, self.awaited) for one in self.wanted)


class StyliseJob(_Job, frozen=True, kw_only=True, tag="stylise"):
    """Cells with the same backend, backbone, weights, device and precision. Paths are absolute.

    ``losses`` maps ``role:name`` to a target; ``relative`` are those that are divided by what they are at the start.
    ``batches`` are the ids of cells that are optimised together, ``companions`` those of them that are not recorded
    (they are done, or were not chosen): a batch is the whole batch, whatever is left to do. ``alone`` has the cells
    whose batch could not be run, and why; ``awaited`` those whose files were lost while they were being written.
    ``snapshots``: a picture is kept after so many iterations each, 0 is never.
    """

    backend: BackendInfo
    backbone: BackboneInfo
    weights: str
    weights_path: str
    losses: dict[str, str]
    relative: tuple[str, ...] = ()
    cells: tuple[JobCell, ...]
    companions: tuple[JobCell, ...] = ()
    batches: tuple[tuple[str, ...], ...] = ()
    alone: dict[str, str] = {}
    awaited: tuple[str, ...] = ()
    snapshots: int = 0

    def without(self, done: Iterable[str]) -> Self:
        """Return the same job less the cells in ``done``, which may be needed as companions still."""
        gone = set(done)
        companions = (*self.companions, *(cell for cell in self.cells if cell.id in gone))
        return msgspec.structs.replace(super().without(gone), companions=companions)

    def again(self, alone: Mapping[str, str], awaited: Iterable[str]) -> Self:
        """Return the same job with these cells alone (and why), and these awaited."""
        return msgspec.structs.replace(self, alone={**self.alone, **alone}, awaited=(*self.awaited, *sorted(awaited)))

    def work(self) -> list[Batch]:
        """Return what is to be run, in order: every cell once, alone or in the batch that it belongs to."""
        known = {cell.id: cell for cell in (*self.companions, *self.cells)}
        whole = [ids for ids in self.batches if not any(cell in self.alone for cell in ids)]
        batch_of = {cell: tuple(known[each] for each in ids if each in known) for ids in whole for cell in ids}
        ids = {cell.id for cell in self.cells}
        found: dict[str, Batch] = {}
        for one in self.cells:
            cells = batch_of.get(one.id, (one,))
            wanted = tuple(cell for cell in cells if cell.id in ids)
            awaited = self._animates or any(cell.id in self.awaited for cell in wanted)
            found.setdefault(wanted[0].id, Batch(cells, wanted, self.alone.get(one.id, ""), awaited))
        return list(found.values())

    @property
    def _animates(self) -> bool:
        """Whether animations are made where the steps of the next cell are timed, which would be slower meanwhile."""
        return self.snapshots > 0 and self.device == "cpu"


def start_name(cell: Cell) -> str:
    """Return the name of the file that a cell starts from, at its content's size, in the run folder's ``inputs``."""
    digest = hashlib.sha256(cell.init.encode()).hexdigest()[:8]
    return f"{cell.content}-start-{digest}"


def picture_names(cell: Cell) -> list[str]:
    """Return the names, in a run folder's ``inputs``, of the pictures that a cell is made of."""
    return [cell.content, cell.style, *([start_name(cell)] if cell.init.startswith("file:") else [])]


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
