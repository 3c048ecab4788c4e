"""Find installed plugins and register them with pluggy; one that fails is a problem on a list, never the end."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field, replace
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import pluggy

from nstbench.plugin import builtin, spec
from nstbench.plugin.markers import PROJECT

__all__ = ["Discovery", "Problem", "Provider", "discover"]

BUILTIN = "nstbench"


@dataclass(frozen=True, slots=True)
class Provider:
    """Where a plugin comes from: the entry point's name and module, its distribution and version.

    A plugin whose name was taken already is called ``name@distribution``.
    """

    plugin: str
    module: str
    distribution: str
    version: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a plugin, or one thing it announces, cannot be used. ``stage``: import, hooks, or the hook's name."""

    plugin: str
    stage: str
    error: str

    def __str__(self) -> str:
        return f"plugin {self.plugin}: {self.stage}: {self.error}"


class _Manager(pluggy.PluginManager):
    def parse_hookimpl_opts(self, plugin: Any, name: str) -> Any:
        # pluggy calls getattr on every attribute, which would fire a module's lazy imports: look at ours only.
        return super().parse_hookimpl_opts(plugin, name) if name.startswith(f"{PROJECT}_") else None


@dataclass(slots=True)
class Discovery:
    """Registered plugins, who provides them, and what went wrong."""

    manager: pluggy.PluginManager = field(default_factory=lambda: _Manager(PROJECT))
    providers: dict[str, Provider] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def implementations(self, hook: str) -> list[pluggy.HookImpl]:
        """Return what implements a hook, in the order of registration, whatever ``tryfirst`` and ``trylast`` say."""
        order = [name for name, _ in self.manager.list_name_plugin()]
        return sorted(getattr(self.manager.hook, hook).get_hookimpls(), key=lambda one: order.index(one.plugin_name))

    @contextmanager
    def guarded(self, plugin: str, stage: str) -> Iterator[None]:
        """Turn whatever a plugin raises, ``sys.exit`` included, into a problem; Ctrl-C passes.

        Standard output belongs to the command, which may print JSON on it: what a plugin prints goes to stderr.
        """
        try:
            with redirect_stdout(sys.stderr):
                yield
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            text = " ".join(str(error).split()) or "no message"
            self.problems.append(Problem(plugin, stage, f"{type(error).__name__}: {text}"))


def discover() -> Discovery:
    """Load every plugin of the entry-point group, except those named in ``NSTBENCH_DISABLE_PLUGINS`` (a,b)."""
    found = Discovery()
    found.manager.add_hookspecs(spec)
    found.manager.register(builtin, name=BUILTIN)
    disabled = {name.strip() for name in os.environ.get("NSTBENCH_DISABLE_PLUGINS", "").split(",")}
    for point in sorted(entry_points(group=PROJECT), key=_order):
        if point.name in disabled:
            found.providers.setdefault(point.name, _provider(point))
            found.problems.append(Problem(point.name, "disabled", "named in NSTBENCH_DISABLE_PLUGINS"))
        else:
            _register(found, point)
    _reject_unknown_hooks(found)
    return found


def _order(point: EntryPoint) -> tuple[bool, str, str]:
    """What comes with nstbench goes first: nobody takes its names by being called ``aaa``."""
    return (_provider(point).distribution != BUILTIN, point.name, point.value)


def _register(found: Discovery, point: EntryPoint) -> None:
    provider = _provider(point)
    if (taken := found.providers.get(point.name)) is not None:
        if taken != provider:  # the same distribution can be on the path twice
            _leave_out(found, provider, taken)
        return
    found.providers[point.name] = provider
    before = len(found.problems)
    with found.guarded(point.name, "import"):
        plugin = point.load()
    if len(found.problems) > before:
        return
    with found.guarded(point.name, "hooks"):
        found.manager.register(plugin, name=point.name)
    if len(found.problems) > before and found.manager.has_plugin(point.name):
        found.manager.unregister(name=point.name)  # an invalid implementation stays registered otherwise


def _leave_out(found: Discovery, provider: Provider, taken: Provider) -> None:
    left = replace(provider, plugin=f"{provider.plugin}@{provider.distribution}")
    found.providers[left.plugin] = left
    text = f"the name {taken.plugin!r} is taken by {taken.distribution} {taken.version}"
    found.problems.append(Problem(left.plugin, "import", f"{text}; this one is left out"))


def _provider(point: EntryPoint) -> Provider:
    distribution = point.dist
    name, version = (distribution.name, distribution.version) if distribution else ("?", "?")
    return Provider(point.name, point.module, name, version)


def _reject_unknown_hooks(found: Discovery) -> None:
    while True:
        try:
            found.manager.check_pending()
        except pluggy.PluginValidationError as error:
            name = found.manager.get_name(error.plugin) or "?"
            found.manager.unregister(error.plugin)
            found.problems.append(Problem(name, "hooks", " ".join(str(error).split())))
        else:
            return
