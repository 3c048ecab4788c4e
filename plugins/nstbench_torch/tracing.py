"""What a PyTorch network has to offer: its maps in order of depth, and the work to reach them.

The network is traced to a graph, which is run on tensors without memory at two sizes: what grows with the picture in
height and in width is a map. For the commands that write layer tables, those of other plugins included.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast

import torch
from torch import fx, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from nstbench.plugin.maps import Map, Work, smallest_that_works
from nstbench_torch.cutting import CHANNELS_LAST, out_of_place, traced
from nstbench_torch.nodes import trace
from nstbench_torch.replacing import replace_modules

__all__ = ["maps", "node_names", "skeleton", "smallest_side"]

SIZES = ((512, 512), (512, 640))
"""Heights and widths that the graph is run at, px."""
UNEVEN = (163, 201)
"""A height and a width, px, that no network expects."""
SHAPELESS = (nn.BatchNorm2d, nn.ReLU, nn.ReLU6, nn.SiLU, nn.GELU, nn.Hardswish, nn.Hardsigmoid, nn.Sigmoid)


def node_names(network: nn.Module) -> dict[str, str]:
    """Return all nodes of a network's graph as ``{layer: native name}``, in order of depth, by their own names."""
    names = [*trace(out_of_place(network)).names.values()]
    return {name: name for name in names[1:]}


def skeleton(network: nn.Module, natives: Mapping[str, str]) -> fx.GraphModule:
    """Return the graph that computes ``{layer: native name}``, without memory; the network has none any more, either.

    Raises what the network raises if it cannot be traced.
    """
    return traced(network, {native: name for name, native in natives.items()}).to("meta")


def maps(graph: fx.GraphModule, natives: Mapping[str, str], *, without: Collection[str] = ()) -> list[Map]:
    """Return the layers of a ``skeleton`` that are maps of (batch, 3, height, width) pictures, in order of depth.

    Those of modules whose classes are in ``without`` are left out. ``graph`` and network are good for nothing but
    ``smallest_side`` afterwards. Raises what the network raises if it takes pictures of one size only.
    """
    small = _Run(graph, *SIZES[0])
    outputs: Any = graph.graph.output_node().args[0]
    kinds = {name: _kind(graph, node) for name, node in outputs.items()}
    wide = _shapes(_bare(graph), *SIZES[1])
    trunk, found = small.work.trunk(), []
    for name, node in outputs.items():
        shape = small.shapes.get(node, ())
        width = _axis_of_width(shape, wide[name])
        if width is not None and kinds[name] not in without:
            stride = 2 ** round(math.log2(SIZES[0][1] / shape[width]))
            native = natives[name] + (CHANNELS_LAST if width == 2 else "")
            costs = small.work.up_to(node)
            own = native if native != name else ""
            found.append(Map(name, stride, "pool" in kinds[name].lower(), node in trunk, *costs, own))
    return found


def smallest_side(graph: fx.GraphModule, layers: Collection[str]) -> int:
    """Return the smallest side of a square picture, px, of which every one of ``layers`` is a map.

    Takes the graph that ``maps`` left, and leaves what ``layers`` need. Raises ``ValueError`` for a network that takes
    pictures of some sizes only.
    """
    output = graph.graph.output_node()
    output.args = ({name: node for name, node in cast("Any", output.args[0]).items() if name in layers},)
    graph.graph.eliminate_dead_code()
    graph.recompile()
    smallest = smallest_that_works(lambda side: _works(graph, side, side))
    if not _works(graph, *UNEVEN):
        raise ValueError("takes pictures of some sizes only")
    return smallest


def _bare(graph: fx.GraphModule) -> fx.GraphModule:
    """Leave out, in place, modules that return what they are given as to its shape; it takes half the time to run."""
    for kind in SHAPELESS:
        replace_modules(graph, kind, lambda _: nn.Identity())
    return graph


def _works(graph: fx.GraphModule, height: int, width: int) -> bool:
    try:
        return all(math.prod(shape) for shape in _shapes(graph, height, width).values())
    except (RuntimeError, ValueError):
        return False


def _shapes(graph: fx.GraphModule, height: int, width: int) -> dict[str, tuple[int, ...]]:
    """Return the layers' shapes, with the channels last in memory as the extractor has them."""
    picture = torch.empty(1, 3, height, width, device="meta").to(memory_format=torch.channels_last)
    return {name: tuple(getattr(result, "shape", ())) for name, result in graph(picture).items()}


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
