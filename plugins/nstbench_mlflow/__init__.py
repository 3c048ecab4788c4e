"""MLflow as an observer: a run of MLflow's for every attempt at a cell. Importing this imports nothing of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nstbench import hookimpl

__all__ = ["nstbench_cell_finished", "nstbench_run_finished", "requires"]

requires = ("mlflow-skinny",)
"""A part of ``mlflow``, so whoever has that has this."""


@hookimpl
def nstbench_cell_finished(record: Mapping[str, Any], run: str) -> None:
    """Log the attempt."""
    from nstbench_mlflow.sessions import cell_finished

    cell_finished(record, run)


@hookimpl
def nstbench_run_finished(run: str) -> None:
    """Log what waits, and what only the whole run can tell."""
    from nstbench_mlflow.sessions import run_finished

    run_finished(run)
