"""timm itself, imported fast, and its networks."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import torch
from nstbench_torch.imports import import_torchvision
from nstbench_torch.library import lean
from nstbench_torch.nodes import keep_whole

if TYPE_CHECKING:
    from torch import nn

__all__ = ["import_timm", "stock"]

COMPILER = "torch._dynamo"


def import_timm() -> ModuleType:
    """Import timm, even where torchvision's operators cannot be loaded, and without PyTorch's compiler.

    That takes longer than PyTorch itself, and timm wants nothing of it but to exempt some methods from being compiled:
    a decorator that is left out, as nothing is compiled here.
    """
    import_torchvision()
    plain = torch.compiler.disable
    if COMPILER not in sys.modules:
        torch.compiler.disable = _as_it_is  # type: ignore[assignment]
    try:
        import timm
    finally:
        torch.compiler.disable = plain
    module: ModuleType = timm
    return module


def stock(name: str, **settings: Any) -> nn.Module:
    """Return timm's network, without memory for its parameters; ``settings`` go to ``timm.create_model``."""
    timm: Any = import_timm()
    network = lean(lambda: timm.create_model(name, **settings))
    return keep_whole(network, timm.layers.get_notrace_modules(), timm.layers.get_notrace_functions())


def _as_it_is(function: Any = None, **_settings: Any) -> Any:
    return function
