"""What the modules of a PyTorch network return, as nodes of its graph.

For commands that write layer tables of blocks and stages, those of other plugins included.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import fx, nn

from nstbench_torch.cutting import out_of_place
from nstbench_torch.nodes import trace

__all__ = ["Returned", "returned"]


@dataclass(frozen=True, slots=True)
class Returned:
    """One node of the graph, and the modules that return its output, outermost first: a stage, its last block, ...

    ``lasts`` are those of the modules whose last node this is: their names are enough to find it.
    """

    node: str
    modules: tuple[str, ...]
    lasts: frozenset[str]

    def native(self, module: str) -> str:
        """Return the native name of the layer called ``module``: its own if that is enough."""
        return module if module in self.lasts else self.node


def returned(network: nn.Module) -> list[Returned]:
    """Return what modules return, in order of depth; of those that are called once and return one tensor.

    Raises what the network raises if it cannot be traced.
    """
    found = trace(out_of_place(network))
    modules: dict[fx.Node, list[str]] = {node: [] for node in found.names}
    for module, results in found.returned.items():
        node = getattr(results[0], "node", None)
        if len(results) == 1 and node in modules:
            modules[node].append(module)
    last = found.last()
    return [
        Returned(
            found.names[node], tuple(sorted(those, key=len)), frozenset(one for one in those if last.get(one) is node)
        )
        for node, those in modules.items()
        if those
    ]
