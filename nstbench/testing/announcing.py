"""What a plugin announces: the kit asks for sound descriptors, and for no framework to announce them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from nstbench.children import child_python
from nstbench.errors import PluginError
from nstbench.plugin import Catalogue
from nstbench.plugin.catalogue import KINDS
from nstbench.plugin.observers import observed
from nstbench.suite.suggest import suggestion
from nstbench.testing.conformance_job import CHECKS, Answer

__all__ = ["announced", "check_descriptors", "check_import", "check_known"]

FRAMEWORKS = ("torch", "torchvision", "tensorflow", "keras", "jax", "timm")
"""Modules that take seconds to import; a backend's own ``frameworks`` are added."""
ANNOUNCE = """
import importlib, json, sys
module = importlib.import_module(sys.argv[1])
for name in sys.argv[2:]:
    hook = getattr(module, f"nstbench_{name}", None)
    for item in (hook() or ()) if hook is not None else ():
        if name == "backbone_families":
            from nstbench.plugin.target import load_target
            list(load_target(item.target)().values())
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def check_known(catalogue: Catalogue, plugin: str) -> None:
    """Raise ``PluginError`` for a plugin that is not installed."""
    known = {*catalogue.discovery.providers, *catalogue.owners.values()}
    if plugin not in known:
        raise PluginError(
            f"no plugin is called {plugin[:60]!r}{suggestion(plugin, known)}\nThe name is that of its entry point in "
            "the group 'nstbench'; `nstbench plugins` lists those installed."
        )


def announced(catalogue: Catalogue, plugin: str, backbones: str = "") -> Iterator[tuple[str, Any, str]]:
    """Yield (kind, key, subject) of what a plugin announces and the kit knows how to check.

    With a pattern, only ``backbones`` whose names match it, and of the plugin's families, too.
    """
    if backbones:
        for key in catalogue.backbones:
            if fnmatchcase(key[1], backbones) and catalogue.owner("backbones", key) == plugin:
                yield "backbones", key, "/".join(key)
        return
    for (kind, key), owner in catalogue.owners.items():
        if owner == plugin and kind in CHECKS:
            parts = key if isinstance(key, tuple) else ("reporter", key) if kind == "reporters" else (key,)
            yield kind, key, ("/" if kind == "backbones" else ":").join(parts)


def check_descriptors(catalogue: Catalogue, plugin: str) -> Answer:
    """The plugin can be loaded, everything it announces is valid, families included, and it announces something."""
    members = [key for key in catalogue.backbones if key not in catalogue.backbones.announced]
    networks = [key for key in members if catalogue.owner("backbones", key) == plugin and key in catalogue.backbones]
    problems = [f"{one.stage}: {one.error}" for one in catalogue.problems if one.plugin == plugin]
    if problems:
        text = f"{'; '.join(problems)}. Mend what is named; nstbench leaves it out as it is."
        return Answer("descriptor", "fail", text)
    owned = [key for key, owner in catalogue.owners.items() if owner == plugin]
    if not owned and not observed(catalogue.discovery, plugin):
        text = (
            "it announces nothing. Is `@hookimpl` from nstbench on its hooks, and are they in the entry point's module?"
        )
        return Answer("descriptor", "fail", text)
    more = f", and {len(networks)} networks of its families" if networks else ""
    return Answer("descriptor", "pass", f"announces {len(owned)} things{more}")


def check_import(catalogue: Catalogue, plugin: str) -> Answer:
    """Importing the module of the hooks, and calling them, imports no framework."""
    provider = catalogue.discovery.providers.get(plugin)
    module = provider.module if provider else "nstbench.plugin.builtin"
    process = child_python("-c", ANNOUNCE, module, *KINDS)
    done = subprocess.run(**process, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        text = f"importing {module} and calling its hooks failed: {last}. It must work by itself."
        return Answer("import", "fail", text)
    own = {name for info in catalogue.backends.values() for name in info.frameworks}
    imported = sorted({*FRAMEWORKS, *own} & set(json.loads(done.stdout.splitlines()[-1])))
    if imported:
        text = (
            f"importing {module} imports {', '.join(imported)}. Keep descriptors in a module that imports no "
            "framework, and name the module that does in their `target`: only workers import it."
        )
        return Answer("import", "fail", text)
    return Answer("import", "pass", f"{module} imports no framework")
