"""From a library's network, seen as a graph, to the rows of a layer table and default layers by depth."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from nstbench.plugin.tables import Layer

__all__ = ["DEEPEST", "Map", "Work", "default_layers", "layer_rows", "smallest_that_works"]

DEEPEST = 32
"""Strides of default layers, px, go up to this."""
MOST_STYLE_LAYERS = 5
LARGEST_MINIMUM = 160
"""A network that takes no smaller pictures than this, px, takes pictures of one size only."""


@dataclass(frozen=True, slots=True)
class Map:
    """A layer that is a map of the picture. ``stride`` is in pixels of the image, rounded to a power of two.

    ``trunk``: everything after it depends on what is before it through this layer alone, so it is in no branch.
    ``macs`` and ``activations`` are those of the layer and of all it needs, per pixel of the image. ``native`` is its
    name in the library where that is another.
    """

    name: str
    stride: int
    pools: bool
    trunk: bool
    macs: float
    activations: float
    native: str = ""


@dataclass(slots=True)
class Work:
    """The nodes of a graph, added in an order in which each comes after all it needs."""

    _costs: list[tuple[float, float]] = field(default_factory=list)
    _indices: dict[Hashable, int] = field(default_factory=dict)
    _needs: list[int] = field(default_factory=list)
    _farthest: dict[int, int] = field(default_factory=dict)

    def add(
        self, node: Hashable, inputs: Iterable[Hashable], macs: float, activations: float, *, passes: bool = False
    ) -> None:
        """Add a node and its own work, per pixel of the image; inputs that were never added do not count.

        ``passes``: it holds no tensor of its own, only passes on what it needs (sizes, a tuple of tensors).
        """
        index = len(self._costs)
        needs = 1 << index
        for each in inputs:
            if each in self._indices:
                before = self._indices[each]
                needs |= self._needs[before]
                if not passes and before in self._farthest:
                    self._farthest[before] = index
        self._indices[node] = index
        self._costs.append((macs, activations))
        self._needs.append(needs)
        if not passes:
            self._farthest[index] = index

    def up_to(self, node: Hashable) -> tuple[float, float]:
        """Return (macs, activations) of a node and all it needs."""
        needs = self._needs[self._indices[node]]
        needed = [cost for index, cost in enumerate(self._costs) if needs >> index & 1]
        return sum(macs for macs, _ in needed), sum(count for _, count in needed)

    def trunk(self) -> set[Hashable]:
        """Return the nodes that no edge of the graph passes by."""
        found, farthest = set(), 0
        for node, index in self._indices.items():
            if index in self._farthest:
                if farthest <= index:
                    found.add(node)
                farthest = max(farthest, self._farthest[index])
        return found


def layer_rows(found: Sequence[Map]) -> tuple[Layer, ...]:
    """Return maps as rows of a layer table."""
    return tuple(Layer(one.name, round(one.macs, 1), round(one.activations, 2), one.native) for one in found)


def default_layers(found: Sequence[Map]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return default (content, style) layers by depth.

    Style: the last map of each resolution down to 1/32 that is in no branch and no pooling, at most the five deepest.
    Content: the last but one of these.
    """
    last = {one.stride: one.name for one in found if one.stride <= DEEPEST and one.trunk and not one.pools}
    style = tuple(last[stride] for stride in sorted(last))[-MOST_STYLE_LAYERS:]
    return style[-2:][:1], style


def smallest_that_works(works: Callable[[int], bool]) -> int:
    """Return the smallest side of a square picture, px, that a network works on; most work on any.

    Raises ``ValueError`` for a network that takes pictures of one size only.
    """
    low, high = 1, LARGEST_MINIMUM
    if works(low):
        return low
    if not works(high):
        raise ValueError("takes pictures of one size only")
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if works(middle) else (middle, high)
    return high
