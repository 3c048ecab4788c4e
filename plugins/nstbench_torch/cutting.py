"""The part of a network that some layers need, as a graph from which no layer can be overwritten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from torch import fx, nn
from torch.fx.proxy import TraceError

from nstbench.errors import PluginError, WeightsError
from nstbench.plugin.misfits import no_such_layer

__all__ = ["CHANNELS_LAST", "cut", "traced"]

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
    except (TraceError, ValueError) as error:
        raise _refused(network, nodes) or error from error
    tensors = (*graph.named_parameters(), *graph.named_buffers())
    if empty := [name for name, tensor in tensors if tensor.is_meta]:
        raise WeightsError(f"the network's weights lack {empty[0]}: they do not fit it.")
    return graph


def _refused(network: nn.Module, nodes: Mapping[str, str]) -> PluginError | None:
    """Return why a network could not be cut, None if its graph and the nodes are not the reason."""
    from torchvision.models.feature_extraction import get_graph_node_names

    try:
        known = get_graph_node_names(network)[1]
    except TraceError as error:
        return PluginError(
            f"torch.fx cannot trace the network: {error}. Its forward must not branch on values of tensors; move such "
            "a part into a function of its own and mark that with torch.fx.wrap."
        )
    # A name of a module stands for the last node in it.
    missing = (one for one in nodes if not any(node == one or node.startswith(f"{one}.") for node in known))
    native = next(missing, None)
    return None if native is None else no_such_layer(nodes[native], native, known)


def traced(network: nn.Module, nodes: Mapping[str, str]) -> fx.GraphModule:
    """Return the graph that computes ``nodes``, given with the names they are returned by.

    In a graph ``x += y`` is ``x = x + y``; together with modules and functions that do not work in place (changed here)
    no later node can overwrite an earlier one.
    """
    from torchvision.models.feature_extraction import create_feature_extractor

    for module in network.modules():
        if hasattr(module, "inplace"):
            cast("Any", module).inplace = False
    # Of both modes, as the tracer wants it; all that is looked at is the evaluation mode's.
    graph = create_feature_extractor(network.eval().requires_grad_(False), return_nodes=dict(nodes))
    for node in graph.graph.nodes:
        if node.kwargs.get("inplace"):
            node.kwargs = {**node.kwargs, "inplace": False}
    graph.recompile()
    return cast("fx.GraphModule", graph)
