"""What the user says on the command line about a run, beyond the suite itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

__all__ = ["Options"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """``out`` is the run folder itself (None: ``reports/<suite name>``); ``only`` filters cells by their title.

    ``retry``: None leaves cells that failed as they are, ``failed`` attempts them again, ``all`` attempts every cell
    again. ``fresh`` forgets the folder's earlier attempts. ``jobs`` is the number of workers at a time.
    """

    out: Path | None = None
    device: str = "auto"
    only: str | None = None
    weights_dir: Path | None = None
    images_dir: Path | None = None
    retry: Literal["failed", "all"] | None = None
    fresh: bool = False
    fail_fast: bool = False
    jobs: int = 1
    command: str = ""
