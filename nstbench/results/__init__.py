"""Run folders: what was asked for, one record per attempt, and reading them back."""

from __future__ import annotations

from nstbench.results.folder import RunFolder
from nstbench.results.judgements import Judgements, judgements
from nstbench.results.manifest import (
    CellEntry,
    ImageEntry,
    Manifest,
    MetricEntry,
    RefereeEntry,
    read_manifest,
    write_manifest,
)
from nstbench.results.read import in_grid_order, read_results, to_frame
from nstbench.results.record import Record, Status, result_columns
from nstbench.results.scores import Score, append_score, read_scores, score_column
from nstbench.results.store import append, latest, read_records, scan_records

__all__ = [
    "CellEntry",
    "ImageEntry",
    "Judgements",
    "Manifest",
    "MetricEntry",
    "Record",
    "RefereeEntry",
    "RunFolder",
    "Score",
    "Status",
    "append",
    "append_score",
    "in_grid_order",
    "judgements",
    "latest",
    "read_manifest",
    "read_records",
    "read_results",
    "read_scores",
    "result_columns",
    "scan_records",
    "score_column",
    "to_frame",
    "write_manifest",
]
