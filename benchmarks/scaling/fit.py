"""Lines through measured points: power laws in log-log, and straight lines; by least squares, with their spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["Line", "PowerLaw", "line", "power_law"]

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class PowerLaw:
    """y = ``factor`` x^``exponent`` through ``count`` points.

    ``low`` and ``high`` are the exponent's 95 % interval (Student's t, deviations of log y taken as independent and
    equally large); they say nothing about a curve that is no power law, which ``deviation`` does: the largest relative
    distance of a point from the fit.
    """

    factor: float
    exponent: float
    low: float
    high: float
    deviation: float
    count: int
    _centre: float
    _spread: float
    _error: float

    def at(self, x: float) -> float:
        """Return the fitted value."""
        return float(self.factor * x**self.exponent)

    def between(self, x: float) -> tuple[float, float]:
        """Return the 95 % interval of the fitted line (not of a new measurement) at ``x``."""
        distance = np.log(x) - self._centre
        half = _student(self.count) * self._error * np.sqrt(1 / self.count + distance**2 / self._spread)
        return float(self.at(x) * np.exp(-half)), float(self.at(x) * np.exp(half))


@dataclass(frozen=True, slots=True)
class Line:
    """y = ``start`` + ``slope`` x; ``deviation`` is the largest relative distance of a point from it."""

    start: float
    slope: float
    deviation: float

    def at(self, x: float) -> float:
        """Return the fitted value."""
        return self.start + self.slope * x


def power_law(x: Sequence[float], y: Sequence[float]) -> PowerLaw | None:
    """Return the least-squares line through (log x, log y); None of fewer than three points, which show no spread."""
    if len(x) < 3:
        return None
    u, v = np.log(np.asarray(x, dtype=np.float64)), np.log(np.asarray(y, dtype=np.float64))
    centre, spread = float(u.mean()), float(((u - u.mean()) ** 2).sum())
    exponent = float(((u - centre) * v).sum() / spread)
    rest = v - v.mean() - exponent * (u - centre)
    error = float(np.sqrt((rest**2).sum() / (len(u) - 2)))
    half = _student(len(u)) * error / np.sqrt(spread)
    return PowerLaw(
        factor=float(np.exp(v.mean() - exponent * centre)),
        exponent=exponent,
        low=float(exponent - half),
        high=float(exponent + half),
        deviation=float(np.abs(np.exp(rest) - 1).max()),
        count=len(u),
        _centre=centre,
        _spread=spread,
        _error=error,
    )


def line(x: Sequence[float], y: Sequence[float]) -> Line | None:
    """Return the line of least *relative* squares, since points differ in size by orders; None of fewer than three."""
    if len(x) < 3:
        return None
    u, v = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    columns = np.stack([np.ones_like(u), u], axis=1) / v[:, None]
    (start, slope), *_ = np.linalg.lstsq(columns, np.ones_like(v), rcond=None)
    return Line(float(start), float(slope), float(np.abs((start + slope * u) / v - 1).max()))


def _student(count: int) -> float:
    from scipy.stats import t

    return float(t.ppf((1 + CONFIDENCE) / 2, count - 2))
