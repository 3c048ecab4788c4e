"""The part of a network that some layers need, as a graph from which no layer can be overwritten.

Open to plugins for other libraries: ``traced``, and ``CHANNELS_LAST`` for their layer tables.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from torch import fx, nn
from torch.fx.proxy import TraceError

from nstbench.errors import PluginError, WeightsError
from nstbench.plugin.misfits import no_such_layer
from nstbench_torch.nodes import trace

__all__ = ["CHANNELS_LAST", "cut", "out_of_place", "traced"]

_IN_PLACE = re.compile(r"[a-z]\w*[a-z0-9]_")
"""Names of methods that change their tensor."""

CHANNELS_LAST = "@channels-last"
"""At the end of a layer's native name: its maps are (batch, height, width, channels)."""


def cut(network: nn.Module, layers: Mapping[str, str], wanted: Sequence[str]) -> fx.GraphModule:
    """Return the part of ``network`` that ``wanted`` canonical layers need, as a module that returns them by name.

    Nodes that no wanted layer needs are dropped. Raises ``WeightsError`` if a part that is needed has no parameters,
    ``PluginError`` for a network that cannot be traced or has no such nodes.
    """
    nodes = {layers[name].removesuffix(CHANNELS_LAST): name for name in wanted}
    try:
        graph = traced(network, nodes)
    except TraceError as error:
        raise PluginError(
            f"torch.fx cannot trace the network: {error}. Its forward must not branch on values of tensors; move such "
            "a part into a function of its own and mark that with torch.fx.wrap."
        ) from error
    tensors = (*graph.named_parameters(), *graph.named_buffers())
    if empty := [name for name, tensor in tensors if tensor.is_meta]:
        raise WeightsError(f"the network's weights lack {empty[0]}: they do not fit it.")
    return graph


def traced(network: nn.Module, nodes: Mapping[str, str]) -> fx.GraphModule:
    """Return the graph that computes ``nodes``, given with the names they are returned by.

    A module's name stands for the last node in it. In a graph ``x += y`` is ``x = x + y``; together with modules,
    functions and methods that do not work in place (changed here) no later node can overwrite an earlier one. Raises
    ``PluginError`` for a node that the network does not have.
    """
    found = trace(out_of_place(network))
    _without_overwriting(found.graph)
    last = found.last()
    if absent := [node for node in nodes if node not in last]:
        raise no_such_layer(nodes[absent[0]], absent[0], found.names.values())
    order = {node: index for index, node in enumerate(found.graph.nodes)}
    outputs = sorted(((name, last[node]) for node, name in nodes.items()), key=lambda one: order[one[1]])
    found.graph.output_node().args = (dict(outputs),)
    whole = fx.GraphModule(network, found.graph)
    whole.graph.eliminate_dead_code()
    return fx.GraphModule(network, whole.graph).eval()  # made anew, with what is needed alone


def out_of_place(network: nn.Module) -> nn.Module:
    """Turn a network into one for evaluation whose modules do not work in place, and return it."""
    for module in network.modules():
        if hasattr(module, "inplace"):
            cast("Any", module).inplace = False
    return network.eval().requires_grad_(False)


def _without_overwriting(graph: fx.Graph) -> None:
    """Change ``f(x, inplace=True)`` to ``f(x)``, and ``x.mul_(y)`` to ``x.mul(y)``, which later nodes use for ``x``."""
    seen: set[fx.Node] = set()
    for node in graph.nodes:
        seen.add(node)
        if node.kwargs.get("inplace"):
            node.kwargs = {**node.kwargs, "inplace": False}
        if node.op == "call_method" and _IN_PLACE.fullmatch(str(node.target)):
            node.target = str(node.target)[:-1]
            node.args[0].replace_all_uses_with(node, lambda user: user not in seen)
