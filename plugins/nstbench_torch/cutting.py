"""The part of a network that some layers need, as a graph from which no layer can be overwritten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from torch import fx, nn

from nstbench.errors import WeightsError

__all__ = ["CHANNELS_LAST", "cut", "traced"]

CHANNELS_LAST = "@channels-last"
"""At the end of a layer's native name: its maps are (batch, height, width, channels)."""


def cut(network: nn.Module, layers: Mapping[str, str], wanted: Sequence[str]) -> fx.GraphModule:
    """Return the part of ``network`` that ``wanted`` canonical layers need, as a module that returns them by name.

    Nodes that no wanted layer needs are dropped. Raises ``WeightsError`` if a part that is needed has no parameters.
    """
    graph = traced(network, {layers[name].removesuffix(CHANNELS_LAST): name for name in wanted})
    tensors = (*graph.named_parameters(), *graph.named_buffers())
    if empty := [name for name, tensor in tensors if tensor.is_meta]:
        raise WeightsError(f"the network's weights lack {empty[0]}: they do not fit it.")
    return graph


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
