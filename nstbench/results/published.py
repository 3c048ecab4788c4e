"""What readers look at of a run: the files that are handed on, and the head that goes with them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NoReturn

import msgspec

from nstbench.errors import RunError
from nstbench.results.folder import RunFolder
from nstbench.results.lock import locked
from nstbench.results.manifest import Manifest, read_manifest

__all__ = ["at_rest", "check_apart", "frozen_manifest", "opened", "published"]

_NUMBERS = (".csv", ".jsonl")


def published(folder: RunFolder, *, pictures: bool = True) -> Iterator[str]:
    """Yield the files that readers look at, but ``run.json``, as paths below the run folder, always in one order.

    Left out is what names paths of this machine or belongs to a run that goes on (job files and logs, what observers
    wrote for their own tools, the lock, hidden files), each cell's second picture and those on the way. Without
    ``pictures`` only numbers are left: records, traces and tables. Raises ``RunError`` where a folder cannot be read.
    """
    ours = {one.name for one in (folder.logs, folder.live, folder.tensorboard, folder.mlruns, folder.manifest)}
    seconds = {folder.best_image("").name, folder.snapshots("").name}
    for where, folders, files in os.walk(folder.path, onerror=_refuse, followlinks=True):
        below = Path(where).relative_to(folder.path)
        left_out = ours if below == Path() else seconds if below.parts[0] == "cells" else set()
        folders[:] = sorted(name for name in folders if name not in left_out and not name.startswith("."))
        for name in sorted(files):
            if name not in left_out and not name.startswith(".") and (pictures or name.endswith(_NUMBERS)):
                yield (below / name).as_posix()


def frozen_manifest(folder: RunFolder) -> Manifest:
    """Return the head of a copy: nothing is ever written to it. Raises ``RunError`` as ``read_manifest`` does."""
    return msgspec.structs.replace(read_manifest(folder), frozen=True)


@contextmanager
def at_rest(folder: RunFolder) -> Iterator[None]:
    """Keep runs away while the folder is read; what cannot be written needs no keeping.

    Raises ``RunError`` where a run is going on.
    """
    if folder.is_frozen() or not os.access(folder.path, os.W_OK):
        yield
    else:
        with locked(folder, remedy="Wait for it, or stop it."):
            yield


def check_apart(run: Path, target: Path) -> None:
    """Refuse a target in the run itself, which the next copy would contain, or around it. Raises ``RunError``."""
    here, there = run.resolve(), target.resolve()
    if here.is_relative_to(there) or there.is_relative_to(here):
        raise RunError(f"{target} and the run {run} lie in each other. Choose another --out.")


def opened(path: Path) -> IO[bytes]:
    """Return a file of the run, open to be read. Raises ``RunError`` where it cannot be."""
    try:
        return path.open("rb")
    except OSError as error:
        _refuse(error)


def _refuse(error: OSError) -> NoReturn:
    raise RunError(f"cannot read {error.filename}: {error.strerror}. Check who may read it.") from error
