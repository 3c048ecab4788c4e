"""The files of a run that are served: its pictures, and nothing that a link leads to."""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["picture_file"]

_NAME = r"\w[\w.-]*"
_PICTURES = re.compile(
    rf"inputs/{_NAME}\.png|cells/{_NAME}/(image\.png|image_best\.png|optimisation\.webp|snapshots/\d{{6,7}}\.png)",
    re.ASCII,
)


def picture_file(run: Path, name: str) -> Path | None:
    """Return the picture of a run at a path below its folder; None for anything else, and where it is not there.

    No folder or file of it may be a symbolic link: it might lead out of the run.
    """
    if not _PICTURES.fullmatch(name):
        return None
    root = run.resolve()
    path = root / name
    return path if path.is_file() and path.resolve() == path else None
