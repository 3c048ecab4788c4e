"""The cells of one worker that are in flight: how long each may take still, and which of them a death concerns."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import monotonic

from nstbench.execute.events import CellEnded, CellStarted, Computed, Event, Postponed, Probing

__all__ = ["Flight", "Flights"]


@dataclass(slots=True)
class Flight:
    """A cell at work since ``began`` (``time.monotonic``): with others of its ``batch``, or ``computed`` already."""

    began: float
    batch: int = 1
    computed: bool = False

    def deadline(self, timeout: float) -> float:
        """Return when it has taken too long; a batch may take its cells' time."""
        return self.began + timeout * (1 if self.computed else self.batch)


@dataclass(slots=True)
class Flights:
    """Follows what a worker says. ``ended`` cells are over; ``postponed`` ones start again later, alone, and why.

    ``idle_since`` is when loading began, or the last cell ended; ``began`` says that a cell ever has.
    """

    timeout: float
    cells: dict[str, Flight] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    postponed: dict[str, str] = field(default_factory=dict)
    idle_since: float = field(default_factory=monotonic)
    began: bool = False

    @property
    def deadline(self) -> float:
        """When (``time.monotonic``) a cell in flight, or the loading before the first, has taken too long."""
        deadlines = [one.deadline(self.timeout) for one in self.cells.values()]
        return min(deadlines, default=self.idle_since + self.timeout)

    def note(self, event: Event) -> None:
        """Take account of an event."""
        now = monotonic()
        if isinstance(event, CellStarted):
            self.cells[event.cell], self.began = Flight(now, event.batch), True
        elif isinstance(event, CellEnded):
            self.cells.pop(event.cell, None)
            self.ended.add(event.cell)
        elif isinstance(event, Postponed):
            self.cells.pop(event.cell, None)
            self.postponed[event.cell] = event.reason
        elif isinstance(event, Computed | Probing) and event.cell in self.cells:
            self.cells[event.cell].began = now
            self.cells[event.cell].computed = isinstance(event, Computed)
        self.idle_since = now

    def suspects(self, *, expired: bool) -> set[str]:
        """Return the cells that the worker's end concerns.

        Those that have taken too long if it was ended for that; else those being computed, or, where there are none,
        being written.
        """
        if expired:
            now = monotonic()
            return {cell for cell, one in self.cells.items() if one.deadline(self.timeout) <= now}
        return {cell for cell, one in self.cells.items() if not one.computed} or set(self.cells)
