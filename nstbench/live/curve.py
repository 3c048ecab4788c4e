"""A loss curve of a few hundred points, however many iterations there are."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["MOST", "Curve"]

MOST = 200


@dataclass(slots=True)
class Curve:
    """(iteration, total) of at most ``MOST`` iterations, evenly spread, and of the last."""

    _kept: list[tuple[int, float]] = field(default_factory=list)
    _last: tuple[int, float] | None = None
    _every: int = 1
    _seen: int = 0

    def add(self, iteration: int, total: float | None) -> None:
        """Add what comes next; a total that is not finite has no place on a curve."""
        if total is None:
            return
        self._last = (iteration, total)
        if self._seen % self._every == 0:
            self._kept.append(self._last)
        self._seen += 1
        if len(self._kept) == MOST:
            self._kept, self._every = self._kept[::2], 2 * self._every

    def points(self) -> tuple[tuple[int, float], ...]:
        """Return the curve so far."""
        ends = self._last is None or self._kept[-1] == self._last
        return tuple(self._kept) if ends else (*self._kept, self._last)  # type: ignore[arg-type]
