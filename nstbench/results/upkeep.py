"""Remove what must not be taken for results: half-written files, files of earlier attempts, earlier runs."""

from __future__ import annotations

import contextlib
import shutil

from nstbench.errors import RunError
from nstbench.results.folder import RunFolder
from nstbench.results.record import Record, Status

__all__ = ["forget", "remove_motion", "sweep", "withdraw"]


def sweep(folder: RunFolder) -> None:
    """Remove what a killed run had half written (see ``nstbench.files.replacing``)."""
    for path in folder.path.rglob(".new-*"):
        path.unlink(missing_ok=True)


def withdraw(folder: RunFolder, record: Record) -> None:
    """Remove the files of an earlier attempt at a cell that now failed; a diverged one has a trace of its own."""
    files = [folder.image(record.cell), folder.best_image(record.cell)]
    files += [] if record.status is Status.DIVERGED else [folder.trace(record.cell)]
    for path in files:
        with contextlib.suppress(OSError):  # not there, or no folder where one should be: the record says so
            path.unlink()
    remove_motion(folder, record.cell)


def remove_motion(folder: RunFolder, cell: str) -> None:
    """Remove the pictures on the way to a cell's result, which is attempted anew or has failed, and their animation."""
    shutil.rmtree(folder.snapshots(cell), ignore_errors=True)
    with contextlib.suppress(OSError):
        folder.animation(cell).unlink()


def forget(folder: RunFolder) -> None:
    """Remove all earlier results. Raises ``RunError`` where that is not possible."""
    try:
        results = (folder.cells, folder.figures, folder.tables, folder.inputs, folder.logs)
        for path in (*results, folder.tensorboard, folder.mlruns):
            shutil.rmtree(path, ignore_errors=True)
        for path in (folder.records, folder.scores):
            path.unlink(missing_ok=True)
    except OSError as error:
        raise RunError(f"cannot clear {folder.path}: {error.strerror}. Choose another --out.") from error
