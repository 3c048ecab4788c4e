"""Run folders: what was asked for, one record per attempt, and reading them back."""

from __future__ import annotations

from nstbench.results.folder import RunFolder
from nstbench.results.manifest import CellEntry, ImageEntry, Manifest, read_manifest, write_manifest
from nstbench.results.read import in_grid_order, read_results, to_frame
from nstbench.results.record import Record, Status, result_columns
from nstbench.results.store import append, latest, read_records, scan_records

__all__ = [
    "CellEntry",
    "ImageEntry",
    "Manifest",
    "Record",
    "RunFolder",
    "Status",
    "append",
    "in_grid_order",
    "latest",
    "read_manifest",
    "read_records",
    "read_results",
    "result_columns",
    "scan_records",
    "to_frame",
    "write_manifest",
]
