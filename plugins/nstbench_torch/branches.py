"""Where the residual branches of a network end, for the recipe of its random weights."""

from __future__ import annotations

import operator
from collections.abc import Iterator

import torch
from torch import fx

__all__ = ["IDLE", "branch_ends"]

IDLE = ("Dropout", "StochasticDepth", "DropPath", "Identity")
"""Modules that do nothing in evaluation mode."""
ADDITIONS = (operator.add, operator.iadd, torch.add)
PASSING = (*ADDITIONS, torch.cat, torch.mul, operator.mul, operator.imul, operator.getitem)
"""Functions that a branch's end may go through before it is added: parallel and joined parts, a gate, a scale."""


def branch_ends(graph: fx.GraphModule) -> frozenset[str]:
    """Return the modules whose output is the longer of two branches that are added: the residual branch.

    What is between the modules and the addition and does nothing in evaluation mode (stochastic depth), or joins, adds
    and scales what they return, is looked through. Names are those of ``graph``.
    """
    depths: dict[fx.Node, int] = {}
    found: set[str] = set()
    for node in graph.graph.nodes:
        inputs = node.all_input_nodes
        depths[node] = 1 + max((depths[each] for each in inputs), default=0)
        if node.target in ADDITIONS and len(inputs) == 2 and depths[inputs[0]] != depths[inputs[1]]:
            found.update(_ends(graph, max(inputs, key=lambda each: depths[each])))
    return frozenset(found)


def _ends(graph: fx.GraphModule, node: fx.Node) -> Iterator[str]:
    waiting, seen = [node], set()
    while waiting:
        node = waiting.pop()
        idle = node.op == "call_module" and type(graph.get_submodule(str(node.target))).__name__ in IDLE
        if idle or node.target in PASSING:
            waiting += [each for each in node.all_input_nodes if each not in seen]
            seen.update(node.all_input_nodes)
        elif node.op == "call_module":
            yield str(node.target)
