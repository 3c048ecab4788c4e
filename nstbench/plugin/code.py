"""The code behind a module as a hash, so that a changed plugin is noticed; nothing is imported."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nstbench.files import file_sha256

if TYPE_CHECKING:
    from nstbench.plugin.catalogue import Catalogue
    from nstbench.plugin.descriptors import Provided

__all__ = ["announced_code", "folders_code", "package_code"]

_SOURCES = (".py", ".json", ".jsonl")
"""A layer table decides as much as code does."""


def announced_code(catalogue: Catalogue, kind: str, key: Any) -> str:
    """Return the hash of the source behind one announced thing; empty for what is built in or not announced.

    Its plugin's package, that of its target and those it names as ``code``; of a single one it is ``package_code``.
    """
    provider = catalogue.provider(kind, key)
    if provider is None:
        return ""
    announced: Provided = getattr(catalogue, kind)[key]
    packages = [re.split("[.:]", module)[0] for module in (provider.module, announced.target, *announced.code)]
    codes = [package_code(package) for package in dict.fromkeys(packages) if package != "nstbench"]
    return codes[0] if len(codes) == 1 else hashlib.sha256(json.dumps(codes).encode()).hexdigest()


@cache
def package_code(module: str) -> str:
    """Return the hash of the source of the top-level package that ``module`` belongs to, ``"?"`` if there is none."""
    try:
        spec = find_spec(module.partition(".")[0])
    except (ImportError, ValueError):
        return "?"
    if spec is None:
        return "?"
    if spec.submodule_search_locations:
        return folders_code(tuple(Path(folder) for folder in spec.submodule_search_locations))
    return file_sha256(Path(spec.origin)) if spec.origin else "?"


def folders_code(folders: Sequence[Path]) -> str:
    """Return the hash of all Python files and tables of data below ``folders``."""
    found = [(folder, path) for folder in folders for path in sorted(folder.rglob("*"))]
    files = [(folder, path) for folder, path in found if path.suffix in _SOURCES]
    digests = [(str(path.relative_to(folder)), file_sha256(path)) for folder, path in files]
    return hashlib.sha256(json.dumps(digests).encode()).hexdigest()
