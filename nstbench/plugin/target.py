"""Follow a ``"module:attribute"`` target; only worker processes do."""

from __future__ import annotations

import importlib
from typing import Any

from nstbench.errors import PluginError

__all__ = ["load_target"]


def load_target(target: str) -> Any:
    """Import the module and return the attribute.

    Raises ``PluginError`` if there is no such module or attribute; other import errors pass through.
    """
    module, _, attribute = target.partition(":")
    try:
        return getattr(importlib.import_module(module), attribute)
    except (ModuleNotFoundError, AttributeError) as error:
        raise PluginError(f"cannot load {target!r}: {error}.") from error
