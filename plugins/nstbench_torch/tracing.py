"""What a PyTorch network has to offer: its maps in order of depth, and the work to reach them.

The network is traced to a graph, which is run on tensors without memory at two sizes: what grows with the picture in
height and in width is a map. For the commands that write layer tables.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import fx, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from nstbench.plugin.maps import Map, Work, smallest_that_works
from nstbench_torch.branches import IDLE
from nstbench_torch.cutting import CHANNELS_LAST, traced

__all__ = ["maps", "smallest_side"]

SIZES = ((512, 512), (512, 640))
"""Heights and widths that the graph is run at, px."""


def maps(network: nn.Module) -> list[Map]:
    """Return the maps of a network in order of depth, that of (batch, 3, height, width) pictures.

    Raises what the network raises if it cannot be traced, or takes pictures of one size only.
    """
    graph = traced(network, {name: name for name in _names(network)}).to("meta")
    small, large = (_Run(graph, *size) for size in SIZES)
    outputs: Any = graph.graph.output_node().args[0]
    trunk, found = small.work.trunk(), []
    for name, node in outputs.items():
        shape = small.shapes.get(node, ())
        width = _axis_of_width(shape, large.shapes.get(node, ()))
        if width is not None and _kind(graph, node) not in IDLE:
            stride = 2 ** round(math.log2(SIZES[0][1] / shape[width]))
            pools = "pool" in _kind(graph, node).lower()
            native = name + CHANNELS_LAST if width == 2 else ""
            found.append(Map(name, stride, pools, node in trunk, *small.work.up_to(node), native))
    return found


def smallest_side(network: nn.Module, layers: Sequence[str]) -> int:
    """Return the smallest side of a square picture, px, of which every one of ``layers`` is a map.

    Raises ``ValueError`` for a network that takes pictures of one size only.
    """
    graph = traced(network, {name: name for name in layers}).to("meta")
    return smallest_that_works(lambda side: _works(graph, side))


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
    """Run a graph once, and keep of every node its shape and work."""

    def __init__(self, graph: fx.GraphModule, height: int, width: int) -> None:
        super().__init__(graph)
        self.shapes: dict[fx.Node, tuple[int, ...]] = {}
        self.work = Work()
        self._pixels = height * width
        with FlopCounterMode(display=False) as self._flops, _Outputs() as self._outputs:
            self.run(torch.empty(1, 3, height, width, device="meta"))

    def run_node(self, n: fx.Node) -> Any:
        """See ``fx.Interpreter``."""
        flops, count = self._flops.get_total_flops(), self._outputs.count
        result = super().run_node(n)
        if n.op == "get_attr":
            return result
        if isinstance(result, torch.Tensor):
            self.shapes[n] = tuple(result.shape)
        macs = (self._flops.get_total_flops() - flops) / 2 / self._pixels
        activations = (self._outputs.count - count) / self._pixels
        self.work.add(n, n.all_input_nodes, macs, activations, passes=n not in self.shapes)
        return result


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
