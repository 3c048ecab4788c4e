"""What a PyTorch network has to offer: its maps in order of depth, and the work to reach them.

The network is traced to a graph, which is run on tensors without memory at two sizes: what grows with the picture in
height and in width is a map. For the commands that write layer tables.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import fx, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from nstbench.plugin.tables import Layer
from nstbench_torch.branches import IDLE
from nstbench_torch.cutting import CHANNELS_LAST, traced

__all__ = ["Map", "default_layers", "layer_rows", "maps", "smallest_side"]

SIZES = ((512, 512), (512, 640))
"""Heights and widths that the graph is run at, px."""
LARGEST_MINIMUM = 160
"""A network that takes no smaller pictures than this, px, takes pictures of one size only."""
DEEPEST = 32
"""Strides of default layers, px, go up to this."""


@dataclass(frozen=True, slots=True)
class Map:
    """One node whose output is a map. ``stride`` is in pixels of the image, rounded to a power of two.

    ``trunk``: everything after it depends on what is before it through this node alone, so it is in no branch.

    ``macs`` and ``activations`` are those of the node and of all it needs, per pixel of the image.
    """

    node: str
    stride: int
    channels_last: bool
    pools: bool
    trunk: bool
    macs: float
    activations: float


def maps(network: nn.Module) -> list[Map]:
    """Return the maps of a network in order of depth, that of (batch, 3, height, width) pictures.

    Raises what the network raises if it cannot be traced, or takes pictures of one size only.
    """
    graph = traced(network, {name: name for name in _names(network)}).to("meta")
    small, large = (_Run(graph, *size) for size in SIZES)
    outputs: Any = graph.graph.output_node().args[0]
    found = []
    for name, node in outputs.items():
        shape = small.shapes.get(node, ())
        width = _axis_of_width(shape, large.shapes.get(node, ()))
        if width is not None and _kind(graph, node) not in IDLE:
            stride = 2 ** round(math.log2(SIZES[0][1] / shape[width]))
            pools = "pool" in _kind(graph, node).lower()
            found.append(Map(name, stride, width == 2, pools, node in small.trunk, *small.up_to(node)))
    return found


def layer_rows(found: Sequence[Map]) -> tuple[Layer, ...]:
    """Return maps as rows of a layer table."""
    natives = [one.node + CHANNELS_LAST if one.channels_last else "" for one in found]
    return tuple(
        Layer(one.node, round(one.macs, 1), round(one.activations, 2), native)
        for one, native in zip(found, natives, strict=True)
    )


def default_layers(found: Sequence[Map]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return default (content, style) layers by depth.

    Style: the last map of each resolution down to 1/32 that is in no branch and no pooling, at most the five deepest.
    Content: the last but one of these.
    """
    last = {one.stride: one.node for one in found if one.stride <= DEEPEST and one.trunk and not one.pools}
    style = tuple(last[stride] for stride in sorted(last))[-5:]
    return style[-2:][:1], style


def smallest_side(network: nn.Module, layers: Sequence[str]) -> int:
    """Return the smallest side of a square picture, px, of which every one of ``layers`` is a map.

    Raises ``ValueError`` for a network that takes pictures of one size only.
    """
    graph = traced(network, {name: name for name in layers}).to("meta")
    low, high = 0, LARGEST_MINIMUM
    if not _works(graph, high):
        raise ValueError("takes pictures of one size only")
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _works(graph, middle) else (middle, high)
    return high


def _names(network: nn.Module) -> list[str]:
    from torchvision.models.feature_extraction import get_graph_node_names

    return get_graph_node_names(network, suppress_diff_warning=True)[1][1:]  # type: ignore[no-any-return]


def _works(graph: fx.GraphModule, side: int) -> bool:
    try:
        found = graph(torch.empty(1, 3, side, side, device="meta"))
    except (RuntimeError, ValueError):
        return False
    return all(tensor.numel() > 0 for tensor in found.values())


def _axis_of_width(shape: Sequence[int], wider: Sequence[int]) -> int | None:
    """Return the axis of a map that a wider picture makes longer, 2 or 3, beside one as long for the height.

    None for what is no map.
    """
    if len(shape) != 4 or len(wider) != 4:
        return None
    changed = [axis for axis in range(4) if shape[axis] != wider[axis]]
    is_map = changed in ([2], [3]) and shape[changed[0]] == shape[changed[0] - 1]
    return changed[0] if is_map else None


def _kind(graph: fx.GraphModule, node: fx.Node) -> str:
    if node.op == "call_module":
        return type(graph.get_submodule(str(node.target))).__name__
    return getattr(node.target, "__name__", str(node.target))


class _Run(fx.Interpreter):
    """Run a graph once, and keep of every node its shape, work, and what it needs."""

    def __init__(self, graph: fx.GraphModule, height: int, width: int) -> None:
        super().__init__(graph)
        self.shapes: dict[fx.Node, tuple[int, ...]] = {}
        self._work: list[tuple[float, float]] = []
        self._needs: dict[fx.Node, int] = {}
        self._pixels = height * width
        with FlopCounterMode(display=False) as self._flops, _Outputs() as self._outputs:
            self.run(torch.empty(1, 3, height, width, device="meta"))
        self.trunk = self._trunk()

    def run_node(self, n: fx.Node) -> Any:
        """See ``fx.Interpreter``."""
        flops, count = self._flops.get_total_flops(), self._outputs.count
        result = super().run_node(n)
        if isinstance(result, torch.Tensor):
            self.shapes[n] = tuple(result.shape)
        needs = 1 << len(self._work)
        for node in n.all_input_nodes:
            needs |= self._needs[node]
        self._needs[n] = needs
        macs = (self._flops.get_total_flops() - flops) / 2
        self._work.append((macs / self._pixels, (self._outputs.count - count) / self._pixels))
        return result

    def up_to(self, node: fx.Node) -> tuple[float, float]:
        """Return (macs, activations) per pixel of a node and all it needs."""
        needed = [work for index, work in enumerate(self._work) if self._needs[node] >> index & 1]
        return sum(macs for macs, _ in needed), sum(count for _, count in needed)

    def _trunk(self) -> set[fx.Node]:
        """Return the nodes that no edge of the graph passes by."""
        order = {node: index for index, node in enumerate(self._needs)}
        found, farthest = set(), 0
        for node, index in order.items():
            if node in self.shapes and node.op != "get_attr":
                if farthest <= index:
                    found.add(node)
                users = [order[user] for user in node.users if user in self.shapes]
                farthest = max([farthest, *users])
        return found


class _Outputs(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Count the numbers in what operators return, views left out."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.count = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        first = result[0] if isinstance(result, tuple) else result
        if isinstance(first, torch.Tensor) and first.is_floating_point() and not func.is_view:
            self.count += first.numel()
        return result
