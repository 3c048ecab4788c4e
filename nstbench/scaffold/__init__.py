"""Plugin packages to start from: what ``nstbench new-plugin`` writes."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.util import find_spec
from keyword import iskeyword
from pathlib import Path
from string import Template
from typing import Literal

from nstbench.errors import PluginError, RunError
from nstbench.files import write_text
from nstbench.plugin import load_catalogue

__all__ = ["KINDS", "Kind", "files_of", "write_plugin"]

Kind = Literal["backbone", "loss", "metric", "reporter"]

KINDS: Mapping[Kind, Mapping[str, str]] = {
    "backbone": {"__init__.py": "backbone.py", "weights.py": "weights.py"},
    "loss": {"__init__.py": "loss.py", "formula.py": "formula.py"},
    "metric": {"__init__.py": "metric.py", "judge.py": "judge.py"},
    "reporter": {"__init__.py": "reporter.py", "gallery.py": "gallery.py"},
}
"""The modules of each kind, and their templates; a backbone's network is its backend's."""


@dataclass(frozen=True, slots=True)
class _Framework:
    """How a backend names layers and parameters of the small network of the template."""

    layers: Mapping[str, str]
    shapes: Mapping[str, tuple[int, ...]]


FRAMEWORKS = {
    "torch": _Framework(
        {"conv1": "1", "conv2": "4", "conv3": "6"},
        {
            "0.weight": (8, 3, 3, 3),
            "0.bias": (8,),
            "3.weight": (16, 8, 3, 3),
            "3.bias": (16,),
            "5.weight": (16, 16, 3, 3),
            "5.bias": (16,),
        },
    ),
    "tensorflow": _Framework(
        {name: name for name in ("conv1", "conv2", "conv3")},
        {
            "conv1/kernel": (3, 3, 3, 8),
            "conv1/bias": (8,),
            "conv2/kernel": (3, 3, 8, 16),
            "conv2/bias": (16,),
            "conv3/kernel": (3, 3, 16, 16),
            "conv3/bias": (16,),
        },
    ),
}
_WHAT = {"backbone": "A backbone", "loss": "A style loss", "metric": "A metric", "reporter": "A gallery of pictures"}


def write_plugin(name: str, kind: Kind, backend: str, parent: Path) -> Path:
    """Write the package ``name`` into a new folder of that name in ``parent``, and return the folder.

    Raises ``PluginError`` for a name that is not allowed or taken, ``RunError`` for a folder that is there already.
    """
    _check_name(name)
    folder = parent / name
    if folder.exists():
        raise RunError(f"{folder} exists. Choose another name; nothing is overwritten.")
    for path, text in files_of(name, kind, backend).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        write_text(folder / path, text)
    return folder


def files_of(name: str, kind: Kind, backend: str) -> dict[str, str]:
    """Return the texts of a package by their paths in its folder; only a backbone has a backend."""
    module, framework = name.replace("-", "_"), FRAMEWORKS[backend]
    values = {"name": name, "module": module, "column": module, "what": _WHAT[kind], "backend": backend}
    values |= {"layers": json.dumps(framework.layers), "next": _filled(f"{kind}.md", values)}
    sources = dict(KINDS[kind])
    if kind == "backbone":
        sources["network.py"] = f"{backend}.py"
    found = {"pyproject.toml": "pyproject.toml", "README.md": "README.md", "tests/test_conformance.py": "test.py"}
    found |= {f"{module}/{path}": source for path, source in sources.items()}
    texts = {path: _filled(source, values) for path, source in found.items()}
    if kind == "backbone":
        texts[f"{module}/untrained.json"] = json.dumps(framework.shapes, indent=1) + "\n"
    return texts


def _filled(source: str, values: Mapping[str, str]) -> str:
    text = resources.files("nstbench.scaffold").joinpath("templates", f"{source}.txt").read_text(encoding="utf-8")
    return Template(text).substitute(values)


def _check_name(name: str) -> None:
    module = name.replace("-", "_")
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name) or iskeyword(module):
        raise PluginError(
            f"a plugin cannot be called {name[:60]!r}: small letters, digits and single hyphens, a letter first, and "
            "no keyword of Python, as in 'my-network'."
        )
    if name in (catalogue := load_catalogue()).discovery.providers or name in set(catalogue.owners.values()):
        raise PluginError(f"a plugin called {name!r} is installed already. Choose another name.")
    if module in sys.stdlib_module_names or find_spec(module) is not None:
        raise PluginError(f"there is a module {module!r} already, which {name!r} would hide. Choose another name.")
