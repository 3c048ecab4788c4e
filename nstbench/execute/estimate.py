"""How long a plan will take and how much memory, from the arithmetic of its steps and what was measured here before."""

from __future__ import annotations

import contextlib
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from nstbench.errors import RunError
from nstbench.execute.batches import batches
from nstbench.execute.costs import activations_mb, cost_of, pixels_of
from nstbench.execute.plan import Plan, PlannedCell
from nstbench.execute.schedule import threads_per_worker
from nstbench.files import cache_dir, write_text
from nstbench.results.record import Record, Status

__all__ = ["START_S", "Estimate", "Forecast", "estimate", "forecasts", "remember_speed"]

FLOP_PER_MAC = 4
"""Forward and the gradient with respect to the image: two multiply-adds for each multiply-accumulate."""
ASSUMED_FLOPS = {"cpu": 3e10, "cuda": 1e13}
"""Floating-point operations a second, per thread on a CPU, where nothing was measured yet."""
START_S = 8.0
"""Seconds until a worker takes its first step."""
BASE_MB = {"cpu": 1000.0, "cuda": 700.0}


@dataclass(frozen=True, slots=True)
class Forecast:
    """Seconds for the steps of one cell; ``measured``: by what was reached here before, else by an assumed speed."""

    seconds: float
    measured: bool


@dataclass(frozen=True, slots=True)
class Estimate:
    """Seconds for the cells that will run, and the largest worker's peak in MiB; ``measured`` says on what grounds.

    ``batch`` is the largest number of cells that are optimised together.
    """

    seconds: float
    memory_mb: float
    measured: bool
    unknown: int
    batch: int = 1


def estimate(plan: Plan) -> Estimate:
    """Estimate the cells with ``runs``. ``unknown`` counts those whose backbone announces no costs."""
    cells = [one for one in plan.cells if one.runs]
    sizes = {cell: len(batch) for batch in batches(plan) for cell in batch}
    found, memory = forecasts(plan), 0.0
    for one in (one for one in cells if one.cell.id in found):
        together = sizes.get(one.cell, 1)
        memory = max(memory, BASE_MB[_kind(one)] + together * (activations_mb(plan, one.cell) or 0.0))
    jobs = {(one.cell.backend, one.cell.backbone, one.cell.repeat) for one in cells}
    batch = max((sizes.get(one.cell, 1) for one in cells), default=1)
    seconds = sum(one.seconds for one in found.values()) + START_S * len(jobs)
    measured = all(one.measured for one in found.values())
    return Estimate(seconds / plan.options.jobs, memory, measured, len(cells) - len(found), batch)


def forecasts(plan: Plan) -> dict[str, Forecast]:
    """Return by its id what each cell with ``runs`` will take; one whose backbone announces no costs is left out."""
    speeds, threads = _remembered(), threads_per_worker(plan)
    found = {}
    for one in (one for one in plan.cells if one.runs):
        cost = cost_of(plan, one.cell)
        if cost is not None:
            known = speeds.get(_key(one.cell.backend, one.cell.backbone, one.device, threads, one.cell.precision))
            rate = known or ASSUMED_FLOPS[_kind(one)] * (threads if _kind(one) == "cpu" else 1)
            work = (one.cell.iterations + 3) * FLOP_PER_MAC * cost.macs * pixels_of(plan, one.cell)
            found[one.cell.id] = Forecast(work / rate, known is not None)
    return found


def remember_speed(plan: Plan, records: Iterable[Record]) -> None:
    """Keep the rates reached by the cells that ended well, for later estimates on this machine."""
    planned = {one.cell.id: one for one in plan.cells}
    rates = defaultdict(list)
    for record in records:
        one = planned.get(record.cell)
        cost = cost_of(plan, one.cell) if one else None
        if one is None or cost is None or record.status is not Status.OK or not record.step_ms_median:
            continue
        pixels = (record.height or 0) * (record.width or 0)
        key = _key(record.backend, record.backbone, record.device or "cpu", record.threads or 1, record.precision)
        rates[key].append(FLOP_PER_MAC * cost.macs * pixels / (record.step_ms_median / 1000))
    if rates:
        speeds = _remembered() | {key: median(values) for key, values in rates.items()}
        with contextlib.suppress(RunError):  # a cache that cannot be written costs a guess, not the run
            write_text(cache_dir() / "speed.json", json.dumps(speeds, indent=1, sort_keys=True))


def _remembered() -> dict[str, float]:
    try:
        stored = json.loads((cache_dir() / "speed.json").read_text())
        return {str(key): float(value) for key, value in stored.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def _kind(one: PlannedCell) -> str:
    return one.device.partition(":")[0]


def _key(backend: str, backbone: str, device: str, threads: int, precision: str) -> str:
    return f"{backend}/{backbone}/{device.partition(':')[0]}/{threads}/{precision}"
