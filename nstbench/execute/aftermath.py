"""What the end of a worker costs: cells that are over by it, and the job that another worker goes on with.

A cell that was being computed alone is over. A batch is not: its cells are tried again one at a time, so that none
costs another. Files that were being written are lost with the worker; their cells run once more, and this time nothing
else runs until they are written, so that a second end is their own. Each end costs a cell, splits a batch or has one
cell more awaited: there are only so many.
"""

from __future__ import annotations

from collections.abc import Collection

from nstbench.execute.flights import Flights
from nstbench.execute.jobs import Job, StyliseJob

__all__ = ["aftermath"]


def aftermath(left: Job, flights: Flights, suspects: Collection[str], reason: str) -> tuple[list[str], Job]:
    """Return the cells of ``left`` that are over, in its order, and what is left then.

    ``suspects`` are the cells in flight that the end concerns, ``reason`` what it was.
    """
    if not flights.began:  # what dies while loading would die again
        return [one.id for one in left.cells], left.without(one.id for one in left.cells)
    if not isinstance(left, StyliseJob):
        lost = [one.id for one in left.cells if one.id in suspects]
        return lost, left.without(lost)
    split = {cell for cell in suspects if not flights.cells[cell].computed and flights.cells[cell].batch > 1}
    written = {cell for cell, one in flights.cells.items() if one.computed}
    over = {cell for cell in suspects if cell not in split and (cell not in written or cell in left.awaited)}
    lost = [one.id for one in left.cells if one.id in over]
    alone = flights.postponed | dict.fromkeys(split, reason)
    return lost, left.without(lost).again(alone, written - over)
