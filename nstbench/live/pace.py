"""How long the rest of a run will take: the forecast of every cell, corrected by what its like have taken so far."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median

from nstbench.execute.estimate import START_S, forecasts
from nstbench.execute.plan import Plan
from nstbench.suite import Cell

__all__ = ["Pace"]

_UNKNOWN_S = 1e-6
"""Seconds for a pixel and step where no backbone announces costs; the first steps that are taken put it right."""

_Network = tuple[str, str, str]
"""Cells that are equally fast for their arithmetic: those of a backend, backbone and precision."""
_Job = tuple[str, str, str, int]


@dataclass(slots=True)
class _Measured:
    forecast: float = 0.0
    seconds: float = 0.0
    grounds: bool = False


@dataclass(slots=True)
class Pace:
    """Keeps what is left of every job, in seconds as forecast, and what such seconds have really taken."""

    workers: int
    _cells: dict[str, tuple[_Network, _Job, float]] = field(default_factory=dict)
    _left: dict[_Job, float] = field(default_factory=lambda: defaultdict(float))
    _networks: dict[_Network, _Measured] = field(default_factory=lambda: defaultdict(_Measured))
    _begun: set[_Job] = field(default_factory=set)
    _shares: dict[str, float] = field(default_factory=dict)
    _whole: float = 0.0

    @classmethod
    def of(cls, plan: Plan) -> Pace:
        """Return the pace of a run before its first step."""
        pace, found = cls(plan.options.jobs), forecasts(plan)
        usual = median(one.seconds for one in found.values()) if found else None
        for cell in (one.cell for one in plan.cells if one.runs):
            network = (cell.backend, cell.backbone, cell.precision)
            seconds = found[cell.id].seconds if cell.id in found else usual or _guess(cell)
            pace._networks[network].grounds |= cell.id in found and found[cell.id].measured
            pace._cells[cell.id] = (network, (*network, cell.repeat), seconds)
            pace._left[*network, cell.repeat] += seconds
            pace._whole += seconds
        return pace

    def reach(self, cell: str, share: float) -> None:
        """A cell has come so far, from 0 to 1; where it begins again, not even that far."""
        _, job, seconds = self._cells[cell]
        self._begun.add(job)
        self._left[job] -= seconds * (share - self._shares.get(cell, 0.0))
        self._shares[cell] = share

    def measure(self, cell: str, share: float, seconds: float) -> None:
        """So large a part of a cell has taken so many seconds; a share of 0 is time that comes on top."""
        network, _, forecast = self._cells[cell]
        one = self._networks[network]
        one.forecast += share * forecast
        one.seconds += seconds

    @property
    def share(self) -> float:
        """How much of the work is done, from 0 to 1: a step of a large network counts for more than a small one's."""
        return 1 - sum(self._left.values()) / self._whole if self._whole else 1.0

    def seconds_left(self) -> float | None:
        """Return the seconds until the last cell ends; None while there are no grounds at all to say so."""
        factors = {network: one.seconds / one.forecast for network, one in self._networks.items() if one.forecast > 0}
        if not factors and not all(one.grounds for one in self._networks.values()):
            return None
        usual = median(factors.values()) if factors else 1.0
        jobs = {job: left for job, left in self._left.items() if left > 1e-9}
        steps = sum(left * self._factor(job[:3], factors, usual) for job, left in jobs.items())
        starts = START_S * len(jobs.keys() - self._begun)
        return (steps + starts) / max(1, min(self.workers, len(jobs)))

    def _factor(self, network: _Network, factors: Mapping[_Network, float], usual: float) -> float:
        known = factors.get(network)
        return known if known is not None else 1.0 if self._networks[network].grounds else usual


def _guess(cell: Cell) -> float:
    return _UNKNOWN_S * cell.image_size**2 * (cell.iterations + 1)
