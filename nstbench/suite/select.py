"""``--only``: some of the cells."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence

from nstbench.errors import SuiteError
from nstbench.suite.cell import Cell

__all__ = ["select"]


def select(cells: Sequence[Cell], pattern: str) -> tuple[Cell, ...]:
    """Return the cells whose title matches; ``*``, ``?`` and ``[...]`` as in file names, commas between patterns.

    A pattern stands for any run of whole parts of ``content/style/backbone/backend/weights/layer-set``: ``vgg19*``,
    ``torch`` and ``*starry-night/vgg19*`` all match. Of weights in order of preference any may match. Raises
    ``SuiteError`` if nothing does.
    """
    patterns = [f"*/{part.strip()}/*" for part in pattern.split(",") if part.strip()]
    chosen = tuple(cell for cell in cells if any(_matches(cell, part) for part in patterns))
    if not chosen:
        example = f"; titles look like {cells[0].title}" if cells else ""
        raise SuiteError(f"--only {pattern[:80]!r} matches no cell{example}")
    return chosen


def _matches(cell: Cell, pattern: str) -> bool:
    return any(fnmatch.fnmatchcase(f"/{cell.title_with(name)}/", pattern) for name in cell.weights)
