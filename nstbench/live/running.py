"""One cell at work, as its worker tells of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from nstbench.execute.events import Progress
from nstbench.live.curve import Curve
from nstbench.live.state import LiveCell
from nstbench.suite import Cell

__all__ = ["Running"]

_NEWEST = 0.3
"""The weight of the newest speed in that which is told: one slow step is no news."""


@dataclass(slots=True)
class Running:
    """``batch`` cells are optimised together; ``every`` so many iterations a picture is kept, 0 for never."""

    cell: Cell
    title: str
    batch: int = 1
    every: int = 0
    done: int = 0
    doing: str = "optimising"
    loss: float | None = None
    per_second: float | None = None
    curve: Curve = field(default_factory=Curve)

    def move(self, step: Progress) -> float:
        """Take account of steps; return the seconds of the worker that they took, 0 where that is not known.

        The first step counts for nothing: it may have been compiled.
        """
        taken, self.done, self.loss = step.done - self.done, step.done, step.loss
        # Adam looks at a picture before it takes a step from it, L-BFGS at the one it has accepted.
        self.curve.add(step.done - (self.cell.optimizer.name != "lbfgs"), step.loss)
        if not step.per_second:
            return 0.0
        first = self.per_second is None or step.done - taken <= 1
        before = step.per_second if first or self.per_second is None else self.per_second
        self.per_second = 1 / (_NEWEST / step.per_second + (1 - _NEWEST) / before)
        return 0.0 if step.done <= 1 else taken / step.per_second / self.batch

    @property
    def share(self) -> float:
        """How much of it is done, from 0 to 1; its last evaluation and its files are still to come."""
        return self.done / (self.cell.iterations + 1)

    @property
    def seconds_left(self) -> float | None:
        """Seconds until its last step."""
        return (self.cell.iterations - self.done) / self.per_second if self.per_second else None

    def state(self) -> LiveCell:
        """Return what is told of it."""
        cell = self.cell
        return LiveCell(
            id=cell.id,
            title=self.title,
            content=cell.content,
            style=cell.style,
            backend=cell.backend,
            backbone=cell.label,
            layer_set=cell.layer_set,
            layers=cell.style_layers,
            iteration=self.done,
            iterations=cell.iterations,
            doing=self.doing,
            loss=self.loss,
            per_second=self.per_second,
            seconds_left=self.seconds_left,
            curve=self.curve.points(),
            snapshot=self.done // self.every * self.every if self.every and self.done else None,
        )
