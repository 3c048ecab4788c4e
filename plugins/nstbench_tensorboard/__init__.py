"""TensorBoard as an observer: event files of every cell, in the run folder. Importing this imports nothing of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nstbench import hookimpl

__all__ = ["nstbench_cell_finished", "requires"]

requires = ("tensorboard",)


@hookimpl
def nstbench_cell_finished(record: Mapping[str, Any], run: str) -> None:
    """Write the cell's event file."""
    from nstbench.results import RunFolder
    from nstbench_tensorboard.files import write_events

    write_events(RunFolder(Path(run)), record)
