"""The code behind a module as a hash, so that a changed plugin is noticed; nothing is imported."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from nstbench.files import file_sha256

__all__ = ["folders_code", "package_code"]


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
    """Return the hash of all Python files below ``folders``."""
    files = [(folder, path) for folder in folders for path in sorted(folder.rglob("*.py"))]
    digests = [(str(path.relative_to(folder)), file_sha256(path)) for folder, path in files]
    return hashlib.sha256(json.dumps(digests).encode()).hexdigest()
