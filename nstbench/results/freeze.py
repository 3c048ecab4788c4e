"""Publish a run: ``python -m nstbench.results.freeze RUN TARGET`` copies what readers look at, and marks it frozen.

Left out are job files and logs, which name paths of this machine, and each cell's second picture.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import msgspec

from nstbench.errors import NstbenchError, RunError
from nstbench.results.folder import RunFolder
from nstbench.results.manifest import read_manifest, write_manifest

__all__ = ["freeze"]

_LEFT_OUT = ("logs", ".*", "image_best.png")
_WITH_PICTURES = ("*.png", "figures", "report.md")


def freeze(run: Path, target: Path, *, pictures: bool = True) -> None:
    """Copy the run folder ``run`` to ``target``, which is replaced if it is an older frozen copy.

    Without ``pictures`` only numbers are copied: records, traces and tables. Raises ``RunError`` if ``run`` is no run
    folder, or ``target`` holds something else.
    """
    manifest = read_manifest(RunFolder(run))
    if target.exists():
        if not RunFolder(target).is_frozen():
            raise RunError(f"{target} exists and is not a published example. Choose another target.")
        shutil.rmtree(target)
    shutil.copytree(run, target, ignore=shutil.ignore_patterns(*_LEFT_OUT, *(() if pictures else _WITH_PICTURES)))
    write_manifest(RunFolder(target), msgspec.structs.replace(manifest, frozen=True))


def main() -> None:
    """Run from the command line."""
    if len(sys.argv) != 3:
        sys.exit("usage: python -m nstbench.results.freeze RUN TARGET")
    try:
        freeze(Path(sys.argv[1]), Path(sys.argv[2]))
    except NstbenchError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
