"""Which cells are optimised together in one tensor, decided over the whole grid.

What is left to do, or chosen by ``--only``, changes nothing about it: the last bits of a result depend on what it was
batched with, and a run that continues must give those of one that was never interrupted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from nstbench.execute.costs import activations_mb, pixels_of
from nstbench.execute.plan import Plan
from nstbench.execute.steps import Steps
from nstbench.measure.device import memory_mb
from nstbench.suite import Cell

__all__ = ["MOST", "batches", "companions"]

MOST, UNKNOWN = 16, 4
"""Cells of a batch that ``batch: auto`` makes on a GPU: at most, and where the memory they need is not known."""
ON_CPU, SMALL = 4, 128 * 128
"""Cells of a batch on a CPU, and the pixels of a picture up to which it gains from that.

The smaller a picture, the less its steps fill the cores; from 192 px on nothing was gained with VGG19 on two cores
(``benchmarks/growth.py --axis batch`` measures it anywhere).
"""


def batches(plan: Plan) -> tuple[tuple[Cell, ...], ...]:
    """Return the cells of the grid that are optimised together, in the order of the grid; those alone are left out.

    They share the compiled step, the content picture's shape, the optimiser's settings and the number of iterations.
    """
    if plan.suite.spec.batch == 1:
        return ()
    steps = Steps.of(plan.grid, plan.catalogue.backbones)
    groups: dict[tuple[object, ...], list[Cell]] = defaultdict(list)
    for cell in plan.grid:
        step, shape = steps.key(cell), plan.sources.working_size(cell)
        if step and shape and not cell.skipped and cell.optimizer.name != "lbfgs":
            groups[*step, shape, cell.optimizer, cell.iterations, cell.repeat].append(cell)
    found = [batch for cells in groups.values() for batch in _parts(cells, _size(plan, cells[0]))]
    return tuple(batch for batch in found if len(batch) > 1)


def companions(plan: Plan, found: Sequence[tuple[Cell, ...]]) -> tuple[Cell, ...]:
    """Return the cells that do not run but are in a batch (of ``found``) with one that does."""
    runs = {one.cell for one in plan.cells if one.runs}
    return tuple(cell for batch in found if runs.intersection(batch) for cell in batch if cell not in runs)


def _parts(cells: list[Cell], size: int) -> list[tuple[Cell, ...]]:
    return [tuple(cells[i : i + size]) for i in range(0, len(cells), size)]


def _size(plan: Plan, cell: Cell) -> int:
    """Return how many cells like this one are optimised together."""
    if plan.suite.spec.batch != "auto":
        return plan.suite.spec.batch
    device = next((one.device for one in plan.cells if one.cell.backend == cell.backend), "cpu")
    if device == "cpu":
        return ON_CPU if pixels_of(plan, cell) <= SMALL else 1
    return _fitting(plan, cell, device)


def _fitting(plan: Plan, cell: Cell, device: str) -> int:
    """Return how many fit half of the device's memory, which the workers share.

    All of it counts, not what is free at the moment: a run that continues must find the same batches.
    """
    whole, each = memory_mb(device), activations_mb(plan, cell)
    if whole is None or each is None:
        return UNKNOWN
    return max(1, min(MOST, int(whole / 2 / plan.options.jobs / each)))
