"""Where the residual branches of a network end, for the recipe of its random weights."""

from __future__ import annotations

import operator

import torch
from torch import fx

__all__ = ["IDLE", "branch_ends"]

IDLE = ("Dropout", "StochasticDepth", "DropPath", "Identity")
"""Modules that do nothing in evaluation mode."""
ADDITIONS = (operator.add, operator.iadd, torch.add)


def branch_ends(graph: fx.GraphModule) -> frozenset[str]:
    """Return the modules whose output is the longer of two branches that are added: the residual branch.

    What is between the module and the addition and does nothing in evaluation mode (stochastic depth) is looked
    through. Names are those of ``graph``.
    """
    depths: dict[fx.Node, int] = {}
    found = set()
    for node in graph.graph.nodes:
        inputs = node.all_input_nodes
        depths[node] = 1 + max((depths[each] for each in inputs), default=0)
        if node.target in ADDITIONS and len(inputs) == 2 and depths[inputs[0]] != depths[inputs[1]]:
            end = _through_idle(graph, max(inputs, key=lambda each: depths[each]))
            if end.op == "call_module":
                found.add(str(end.target))
    return frozenset(found)


def _through_idle(graph: fx.GraphModule, node: fx.Node) -> fx.Node:
    while node.op == "call_module" and type(graph.get_submodule(str(node.target))).__name__ in IDLE:
        node = node.all_input_nodes[0]
    return node
