"""What one step of a cell costs: the arithmetic and memory of its network on a picture of its size."""

from __future__ import annotations

from nstbench.execute.plan import Plan
from nstbench.plugin.descriptors import LayerCost
from nstbench.suite import Cell

__all__ = ["activations_mb", "cost_of", "pixels_of"]

COPIES = 2.5
"""Activations, their gradients, and what a framework holds besides."""


def cost_of(plan: Plan, cell: Cell) -> LayerCost | None:
    """Return the work of the network up to the cell's deepest layer; None where its backbone announces no costs."""
    backbone = plan.catalogue.backbones.get((cell.backend, cell.backbone))
    if backbone is None:
        return None
    costs = [backbone.costs.get(layer) for layer in (*cell.content_layers, *cell.style_layers)]
    known = [cost for cost in costs if cost is not None]
    return max(known, key=lambda cost: cost.macs) if known and len(known) == len(costs) else None


def pixels_of(plan: Plan, cell: Cell) -> int:
    """Return the content's pixels at working size; those of a square where its file cannot be read."""
    height, width = plan.sources.working_size(cell) or (cell.image_size, cell.image_size)
    return height * width


def activations_mb(plan: Plan, cell: Cell) -> float | None:
    """Return the memory of a step, in MiB, beyond what the framework needs anyway; None where it is not known."""
    cost = cost_of(plan, cell)
    return None if cost is None else COPIES * 4 * cost.activations * pixels_of(plan, cell) / 2**20
