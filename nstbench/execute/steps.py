"""Which layer sets share a compiled step."""

from __future__ import annotations

from collections.abc import Sequence

from nstbench.plugin.descriptors import BackboneInfo
from nstbench.suite import Cell

__all__ = ["shared_layers"]


def shared_layers(cell: Cell, grid: Sequence[Cell], backbone: BackboneInfo) -> tuple[str, ...]:
    """Return the style layers of the step that serves ``cell``: those of every set that needs the network equally deep.

    The whole grid counts, not what is left to do, so a resumed run compiles the same step.
    """
    order = {layer: i for i, layer in enumerate(backbone.layers)}
    key = _step_key(cell, order)
    layers = {layer for other in grid if _step_key(other, order) == key for layer in other.style_layers}
    return tuple(sorted(layers, key=order.__getitem__))


def _step_key(cell: Cell, order: dict[str, int]) -> tuple[object, ...]:
    known = [order[layer] for layer in (*cell.style_layers, *cell.content_layers) if layer in order]
    losses = (cell.style_loss, cell.content_loss, cell.total_variation_weight > 0, cell.total_variation_loss)
    network = (cell.backend, cell.backbone, cell.weights, cell.precision)
    return (*network, cell.content_layers, losses, max(known, default=-1))
