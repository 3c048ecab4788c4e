"""Which cells are run again to see what rounding alone does to them (``rounding_probe`` in a suite)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

import msgspec

from nstbench.suite import Cell

__all__ = ["probed_cells"]


def probed_cells(grid: Sequence[Cell], can_run: Callable[[Cell], bool]) -> frozenset[str]:
    """Return the ids of the cells to probe: the first of those that are alike in everything but the backend.

    One that no other backend can run is compared with nothing. The whole grid counts, not what is left to do.
    """
    alike: dict[Cell, list[Cell]] = defaultdict(list)
    for cell in grid:
        if not cell.skipped and can_run(cell):
            alike[msgspec.structs.replace(cell, backend="")].append(cell)
    return frozenset(cells[0].id for cells in alike.values() if len(cells) > 1)
