"""Our side of the comparison, read from stored records and traces."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nstbench.errors import RunError
from nstbench.reproduction.parts import PARTS, Part
from nstbench.reproduction.published import Losses
from nstbench.results import Record, RunFolder, Status, in_grid_order, read_manifest, read_records

__all__ = ["Ours", "Run", "read_runs"]


@dataclass(frozen=True, slots=True)
class Ours:
    """One row of the table as we ran it; ``course[i]`` are the losses of the image after i steps."""

    row: int
    record: Record
    course: tuple[Losses, ...]

    def at(self, iteration: int) -> Losses | None:
        """Return the losses after ``iteration`` steps, None if it did not get there."""
        return self.course[iteration] if iteration < len(self.course) else None

    def lowest_after_start(self) -> tuple[int, float]:
        """Return (iteration, total) of the lowest total after the first step."""
        return min(((i, losses.total) for i, losses in enumerate(self.course) if i), key=lambda pair: pair[1])

    def first_below_start(self) -> int | None:
        """Return the first iteration whose total is below the untouched content image's, None if none is."""
        start = self.course[0].total
        return next((i for i, losses in enumerate(self.course) if losses.total < start), None)


@dataclass(frozen=True, slots=True)
class Run:
    """A part that has been run, with the rows that ended well and what became of the others."""

    part: Part
    rows: tuple[Ours, ...]
    failed: tuple[Record, ...]
    machine: str


def read_runs(folder: Path) -> list[Run]:
    """Return the runs stored below ``folder``, in the order of ``PARTS``.

    Raises ``RunError`` where a run folder is damaged.
    """
    return [_read(part, RunFolder(folder / part.name)) for part in PARTS if (folder / part.name).is_dir()]


def _read(part: Part, folder: RunFolder) -> Run:
    manifest = read_manifest(folder)
    records = in_grid_order(manifest, read_records(folder))
    ended = [record for record in records if record.status is Status.OK]
    rows = tuple(Ours(int(record.layer_set), record, _course(folder, record.cell)) for record in ended)
    failed = tuple(record for record in records if record.status not in (Status.OK, Status.SKIPPED))
    return Run(part, rows, failed, _machine(manifest.environment))


def _course(folder: RunFolder, cell: str) -> tuple[Losses, ...]:
    path = folder.trace(cell)
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return tuple(_losses(csv.DictReader(file)))
    except (OSError, KeyError, ValueError) as error:
        raise RunError(f"{path} is missing or damaged. Run the reproduction again.") from error


def _losses(rows: Iterable[dict[str, str]]) -> Iterable[Losses]:
    for row in rows:
        yield Losses(float(row["total"]), float(row["style"]), float(row["content"]))


def _machine(environment: dict[str, Any]) -> str:
    """Return processor and cores, or the GPUs where there are any."""
    if environment.get("gpus"):
        return ", ".join(str(gpu) for gpu in environment["gpus"])
    return f"{environment.get('cpu', 'an unknown processor')}, {environment.get('cores', {}).get('usable', '?')} cores"
