"""Exchange modules of a network for others that do the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from torch import nn

__all__ = ["replace_modules"]

M = TypeVar("M", bound=nn.Module)


def replace_modules(network: nn.Module, kind: type[M], make: Callable[[M], nn.Module]) -> None:
    """Put what ``make`` returns in the place of every module of ``kind`` below ``network``; it may return the same."""
    for name, module in list(network.named_modules()):
        if name and isinstance(module, kind):
            parent, _, own = name.rpartition(".")
            setattr(network.get_submodule(parent), own, make(module))
