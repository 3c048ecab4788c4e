"""Plugins that look on at runs: which they are, and what they need to."""

from __future__ import annotations

from nstbench.errors import PluginError
from nstbench.measure.environment import what_is_lacking
from nstbench.plugin.discovery import Discovery

__all__ = ["lacking", "observed"]

_HOOKS = {"nstbench_cell_finished": "cells", "nstbench_run_finished": "runs"}


def observed(discovery: Discovery, plugin: str) -> list[str]:
    """Return what a plugin looks on at: ``cells``, ``runs``."""
    return [
        what
        for hook, what in _HOOKS.items()
        if any(one.plugin_name == plugin for one in discovery.implementations(hook))
    ]


def lacking(discovery: Discovery, plugin: str) -> str:
    """Return what is not installed of the distributions that a plugin must have to look on; empty if all are there.

    A plugin names them beside its hooks, ``requires = (name, …)``. Nothing is imported. Raises ``PluginError`` if that
    is no tuple or list of names.
    """
    names = getattr(discovery.manager.get_plugin(plugin), "requires", ())
    if not isinstance(names, tuple | list) or not all(isinstance(name, str) for name in names):
        raise PluginError("`requires` beside its hooks must be a tuple of distributions' names")
    return what_is_lacking("it", names)
