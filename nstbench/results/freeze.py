"""A frozen copy of a run: the folder that is published or handed on, and never written to again."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from nstbench.errors import RunError
from nstbench.results.folder import RunFolder
from nstbench.results.manifest import write_manifest
from nstbench.results.published import at_rest, check_apart, frozen_manifest, opened, published

__all__ = ["freeze"]


def freeze(run: Path, target: Path, *, pictures: bool = True) -> None:
    """Copy what readers look at of the run folder ``run`` to ``target``, which is replaced if it is an older copy.

    ``target`` is there whole or not at all. Without ``pictures`` only numbers are copied: records, traces and tables.
    Raises ``RunError`` if ``run`` is no run folder, cannot be read or is being written, or if ``target`` is something
    else or cannot be written.
    """
    folder, beside = RunFolder(run), target.parent / f".new-{target.name}-{os.getpid()}"
    manifest = frozen_manifest(folder)
    check_apart(run, target)
    if target.exists() and not RunFolder(target).is_frozen():
        raise RunError(f"{target} exists and is not an exported copy. Choose another --out.")
    try:
        with at_rest(folder):
            beside.mkdir(parents=True)
            for name in published(folder, pictures=pictures):
                (beside / name).parent.mkdir(parents=True, exist_ok=True)
                with opened(folder.path / name) as file, (beside / name).open("xb") as copy:
                    shutil.copyfileobj(file, copy)
        write_manifest(RunFolder(beside), manifest)
        _replace(beside, target)
    except OSError as error:
        raise RunError(f"cannot write {target}: {error.strerror}. Choose another --out or free some space.") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _replace(folder: Path, target: Path) -> None:
    if target.exists():
        shutil.rmtree(target)
    folder.rename(target)
