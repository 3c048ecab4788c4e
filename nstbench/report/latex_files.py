"""Every table of a report as a file of its own in ``tables/``, for ``\\input``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nstbench.files import remove_others, write_text
from nstbench.report import latex, markdown
from nstbench.report.grid import Grid
from nstbench.report.markdown import inline
from nstbench.report.models import models
from nstbench.report.pair_tables import pair_tables
from nstbench.report.ranking import ranking_table
from nstbench.report.referee_tables import SELF, distance_table, outside_referees, picture_table
from nstbench.report.settings import settings
from nstbench.report.table1 import layer_sets
from nstbench.results import RunFolder

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["latex_by_markdown", "write_tables"]

_OWN = re.compile(
    r"(losses|runtime|similarity|style-distance)-\d+(-\d+)?-.*\.tex"
    r"|(layer-sets|settings|models|referees|referee-ranking|pictures)\.tex"
)
_SELF = f"{SELF} A network's judgement of its own pictures."
_MEAN = "The bold column is the mean over the other referees."


@dataclass(frozen=True, slots=True)
class _Table:
    """A table before it is written; ``caption`` and ``notes`` are markdown."""

    stem: str
    frame: pd.DataFrame
    caption: str
    notes: tuple[str, ...] = ()

    @property
    def latex(self) -> str:
        return latex.table(self.frame, self.caption, latex.label(self.stem), self.notes)


def write_tables(folder: RunFolder, grid: Grid) -> None:
    """Write ``tables/*.tex``, and remove those of an earlier report.

    Raises ``RunError`` where the folder cannot be written or the disk is full.
    """
    keep = set()
    for each in _tables(grid):
        name = f"{each.stem}.tex"
        write_text(folder.tables / name, f"% {latex.PACKAGES}\n{each.latex}")
        keep.add(name)
    remove_others(folder.tables, keep, _OWN)


def latex_by_markdown(grid: Grid) -> dict[str, str]:
    """Return what these files hold, less their first line, by the table as it stands in ``report.md``."""
    return {markdown.table(each.frame): each.latex for each in _tables(grid)}


def _tables(grid: Grid) -> Iterator[_Table]:
    if not grid.records:
        return
    yield _Table("layer-sets", layer_sets(grid), "Style layers of each layer set")
    yield _Table("settings", settings(grid), "What each network was asked to do")
    yield _Table("models", models(grid), "Networks, with the parameters of the whole model, classifier included")
    yield from _pairs(grid)
    if grid.judgements.metrics and grid.ok:
        yield from _referees(grid)


def _pairs(grid: Grid) -> Iterator[_Table]:
    for number, block in enumerate(grid.blocks, start=1):
        pair = re.sub(r"[^a-z0-9._-]+", "-", f"{block.content}-{block.style}".lower())[:80]
        name = f"{inline(block.content)} in the style of {inline(block.style)}"
        for each in pair_tables(grid, block):
            for part, frame in enumerate(each.frames, start=1):
                several = len(each.frames) > 1
                stem = f"{each.key}-{number}{f'-{part}' if several else ''}-{pair}"
                caption = f"{name}: {each.heading}" + (f", part {part} of {len(each.frames)}" if several else "")
                yield _Table(stem, frame, caption, each.notes)


def _referees(grid: Grid) -> Iterator[_Table]:
    if grid.judgements.referees:
        notes = (_SELF, _MEAN) if len(outside_referees(grid)) < 2 else (_SELF,)
        yield _Table("referees", distance_table(grid), "Style and content distance; less is better", notes)
        ranking = ranking_table(grid)
        if not ranking.empty:
            yield _Table("referee-ranking", ranking, "Networks ranked by referees other than themselves")
    yield _Table("pictures", picture_table(grid), "Pictures, colours and edges")
