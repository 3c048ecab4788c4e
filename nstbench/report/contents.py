"""What a report is made of: ``report.md`` by nstbench itself, anything else by reporters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from nstbench.report.drawing import ReportFigure
from nstbench.report.figures import PAIRS
from nstbench.report.grid import Grid
from nstbench.report.tradeoff_curves import Panel
from nstbench.results import Manifest, RunFolder

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Report", "Section"]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the document: paragraphs, tables and lists, each of them markdown, the heading first.

    ``key`` is ``summary``, ``overview``, ``table1``, ``referees``, ``tradeoff``, ``failures``, ``notes``, ``models``,
    ``figures``, ``speed``, ``credits``, ``environment``, ``suite`` or ``reproduce``.
    """

    key: str
    parts: tuple[str, ...]

    @property
    def markdown(self) -> str:
        """The section as it stands in ``report.md``."""
        return "\n\n".join(self.parts)


@dataclass(frozen=True, slots=True)
class Report:
    """A run as its stored records say it is: a ``nstbench.plugin.protocols.StoredRun``, and what nstbench makes of it.

    ``problems`` are sentences about records that could not be read; ``pairs`` is how many image pairs may have figures.
    """

    folder: RunFolder
    manifest: Manifest
    grid: Grid
    results: pd.DataFrame
    table1: pd.DataFrame
    figures: Sequence[ReportFigure]
    problems: Sequence[str]
    trade_offs: Sequence[Panel] = ()
    sections: Sequence[Section] = ()
    pairs: int = PAIRS

    @property
    def undrawn(self) -> str:
        """Say, in markdown, that some image pairs have no figures; empty where all have."""
        pairs = len(self.grid.blocks)
        if pairs <= self.pairs:
            return ""
        drawn = f"Only the first {self.pairs} of {pairs} image pairs are drawn"
        return f"{drawn}; `nstbench report RUN --pairs {pairs}` draws all."

    def link(self, path: Path) -> str | None:
        """Return a file of the run as an address relative to the run folder, None if there is no such file."""
        return quote(path.relative_to(self.folder.path).as_posix()) if path.is_file() else None

    def copy(self) -> Report:
        """Return the same with tables of its own, which can be changed without harm to others."""
        return replace(self, results=self.results.copy(), table1=self.table1.copy())
