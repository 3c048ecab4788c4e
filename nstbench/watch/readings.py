"""What the page knows of a run: read again when its files have changed, however torn they are at the moment."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

from nstbench.live import LiveCell, LiveRun, read_live
from nstbench.pages import curves
from nstbench.report.grid import Grid, make_grid
from nstbench.results import Manifest, Record, RunFolder, Status, in_grid_order, read_manifest, scan_records

__all__ = ["Reading", "Readings"]

_Stamp = tuple[tuple[int, int] | None, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A run by its stored records: what its page shows but for what runs at the moment."""

    manifest: Manifest
    grid: Grid
    curves: list[dict[str, Any]]

    @property
    def failures(self) -> list[Record]:
        """Return the records of cells that did not end well."""
        return [one for one in self.grid.records if one.status not in (Status.OK, Status.SKIPPED)]


@dataclass(slots=True)
class Readings:
    """Reads a run as often as it changes; several browsers share what was read."""

    folder: RunFolder
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stamp: _Stamp | None = None
    _latest: Reading | None = None

    def latest(self) -> Reading:
        """Return the run as it is stored now. Raises ``RunError`` where it cannot be read."""
        with self._lock:
            stamp = tuple(_stamp(path) for path in (self.folder.manifest, self.folder.records))
            if self._latest is None or stamp != self._stamp:
                self._latest, self._stamp = self._read(), stamp
            return self._latest

    def live(self) -> LiveRun | None:
        """Return where the run stands."""
        return read_live(self.folder)

    def _read(self) -> Reading:
        manifest = read_manifest(self.folder)
        records, _ = scan_records(self.folder)
        grid = make_grid(in_grid_order(manifest, records), cells=len(manifest.cells))
        return Reading(manifest, grid, curves(grid, self.folder))


def running_curves(cells: tuple[LiveCell, ...]) -> list[dict[str, Any]]:
    """Return the curves of the cells at work as ``curves.js`` draws them: as if they were an image pair."""
    if not cells:
        return []
    rows = list(dict.fromkeys(_row(cell) for cell in cells))
    columns = list(dict.fromkeys((cell.backbone, cell.backend) for cell in cells))
    networks = list(dict.fromkeys(backbone for backbone, _ in columns))
    return [
        {
            "name": "running now",
            "rows": rows,
            "columns": [_column(column, networks, columns) for column in columns],
            "cells": [
                {
                    "row": rows.index(_row(cell)),
                    "column": columns.index((cell.backbone, cell.backend)),
                    "x": [x for x, _ in cell.curve],
                    "y": {"total": [y for _, y in cell.curve]},
                }
                for cell in cells
            ],
        }
    ]


def _row(cell: LiveCell) -> str:
    varying = cell.title.partition(" ")[2]
    return ", ".join(filter(None, (f"{cell.content} in the style of {cell.style}", f"set {cell.layer_set}", varying)))


def _column(column: tuple[str, str], networks: list[str], columns: list[tuple[str, str]]) -> dict[str, Any]:
    own = [backend for backbone, backend in columns if backbone == column[0]]
    head = " · ".join(column)
    return {
        "name": head,
        "network": networks.index(column[0]),
        "backend": own.index(column[1]),
        "alone": len(own) == 1,
    }


def _stamp(path: Any) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns
