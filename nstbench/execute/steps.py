"""Which layer sets share a compiled step, over a whole grid: what is left to do changes nothing about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nstbench.plugin.descriptors import BackboneInfo
from nstbench.suite import Cell

__all__ = ["Steps"]

_Backbones = Mapping[tuple[str, str], BackboneInfo]


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps of a grid: layer sets that need the network equally deep share one.

    ``orders`` has the depth of each layer by (backend, backbone), ``layers_by_step`` the style layers of each step.
    """

    orders: dict[tuple[str, str], dict[str, int]]
    layers_by_step: dict[tuple[object, ...], tuple[str, ...]]

    @classmethod
    def of(cls, grid: Iterable[Cell], backbones: _Backbones) -> Steps:
        """Look at every cell whose backbone is known."""
        orders = {name: {layer: i for i, layer in enumerate(info.layers)} for name, info in backbones.items()}
        found: dict[tuple[object, ...], set[str]] = {}
        for cell in grid:
            if order := orders.get((cell.backend, cell.backbone)):
                found.setdefault(_key(cell, order), set()).update(cell.style_layers)
        layers = {key: tuple(sorted(some, key=orders[_network(key)].__getitem__)) for key, some in found.items()}
        return cls(orders, layers)

    def key(self, cell: Cell) -> tuple[object, ...] | None:
        """Return what cells with the same step have in common; None where nobody announces the backbone."""
        order = self.orders.get((cell.backend, cell.backbone))
        return _key(cell, order) if order else None

    def layers(self, cell: Cell) -> tuple[str, ...]:
        """Return the style layers of the step that serves ``cell``: those of every set that it serves."""
        return self.layers_by_step[_key(cell, self.orders[cell.backend, cell.backbone])]


def _network(key: tuple[object, ...]) -> tuple[str, str]:
    return str(key[0]), str(key[1])


def _key(cell: Cell, order: Mapping[str, int]) -> tuple[object, ...]:
    known = [order[layer] for layer in (*cell.style_layers, *cell.content_layers) if layer in order]
    losses = (cell.style_loss, cell.content_loss, cell.total_variation_weight > 0, cell.total_variation_loss)
    network = (cell.backend, cell.backbone, cell.weights, cell.precision)
    return (*network, cell.content_layers, losses, max(known, default=-1))
