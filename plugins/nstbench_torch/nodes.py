"""The graph of a PyTorch network, its nodes named by the modules they are in, as torchvision names them.

``layer1.0.conv1`` is what that module returns, ``layer1.0.add`` an operation in ``layer1.0``; the second of a name is
``layer1.0.relu_1``. For networks that cannot be traced down to the last operation there is ``keep_whole``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from torch import fx, nn

from nstbench_torch.imports import import_torchvision

__all__ = ["Trace", "keep_whole", "prefixes", "trace"]

_WHOLE = "_nstbench_whole"
"""The attribute of a network that ``keep_whole`` sets."""
_NUMBERED = re.compile(r"(.+)_([0-9]+)")


@dataclass(frozen=True, slots=True)
class Trace:
    """A graph, the names of its nodes in order of depth, and what each module returned, call by call."""

    graph: fx.Graph
    names: dict[fx.Node, str]
    returned: dict[str, list[Any]]

    def last(self) -> dict[str, fx.Node]:
        """Return the last node of everything that can be named: of a node itself, of a module with all in it."""
        return {prefix: node for node, name in self.names.items() for prefix in prefixes(name)}


def trace(network: nn.Module) -> Trace:
    """Trace a network, which must be in evaluation mode. Raises what the network raises if it cannot be traced."""
    tracer = _tracer(getattr(network, _WHOLE, {}))
    graph = tracer.trace(network)
    return Trace(graph, dict(tracer.node_to_qualname), tracer.returned)


def keep_whole(
    network: nn.Module, modules: Iterable[type[nn.Module]], functions: Iterable[Callable[..., Any]] = ()
) -> nn.Module:
    """Have ``network`` be traced without looking into modules of these types and into these functions; return it.

    They become single nodes of the graph. For what cannot be traced: control flow that depends on the picture's size,
    say. They must not change what they are given.
    """
    setattr(network, _WHOLE, {"leaf_modules": list(modules), "autowrap_functions": list(functions)})
    return network


def prefixes(name: str) -> Iterator[str]:
    """Yield ``a``, ``a.b``, ``a.b.c`` of ``a.b.c``."""
    parts = name.split(".")
    return (".".join(parts[: count + 1]) for count in range(len(parts)))


def _tracer(whole: dict[str, list[Any]]) -> Any:
    feature_extraction: Any = import_torchvision("torchvision.models.feature_extraction")

    class Tracer(feature_extraction.NodePathTracer):  # type: ignore[misc]
        """torchvision's, which compares each name with all before it: of deep networks that takes half a minute."""

        def __init__(self, **settings: Any) -> None:
            super().__init__(**settings)
            self.returned: dict[str, list[Any]] = {}
            self._latest: dict[str, int] = {}

        def call_module(self, m: nn.Module, forward: Any, args: Any, kwargs: Any) -> Any:
            result = super().call_module(m, forward, args, kwargs)
            self.returned.setdefault(self.path_of_module(m), []).append(result)
            return result

        def _get_node_qualname(self, module_qualname: str, node: fx.Node) -> str:
            own = [] if node.op == "call_module" else [str(node)]
            name = ".".join([*filter(None, [module_qualname]), *own])
            if numbered := _NUMBERED.fullmatch(name):
                name = numbered[1]
            if name in self._latest:
                name = f"{name}_{self._latest[name] + 1}"
            self._latest[name] = 0
            if numbered := _NUMBERED.fullmatch(name):
                self._latest[numbered[1]] = int(numbered[2])
            return name

    return Tracer(**feature_extraction._set_default_tracer_kwargs({name: list(those) for name, those in whole.items()}))
