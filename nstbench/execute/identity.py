"""What determines a result, as one hash: where it has changed, the cell is attempted again."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

import msgspec

import nstbench
from nstbench.measure.environment import distribution_version
from nstbench.plugin import Catalogue
from nstbench.plugin.code import announced_code, folders_code
from nstbench.results.record import SCHEMA
from nstbench.suite import Cell

__all__ = ["backbone_packages", "backend_version", "cell_identity", "plugin_version"]

_CORE = ("transfer", "images", "weights")
"""The rooms of nstbench whose code decides the numbers."""


def cell_identity(cell: Cell, catalogue: Catalogue, files: dict[str, str], device: str, *, probed: bool = False) -> str:
    """Return the sha256 of everything that determines the result of ``cell``.

    ``files`` maps what is read (content, style, weights) to its name and hash; ``device`` counts by its kind only.
    A cell that is also ``probed`` is another one: its record has one figure more.
    """
    packages = backbone_packages(cell.backend, cell.backbone, catalogue)
    described = {
        "cell": msgspec.to_builtins(cell),
        "files": files,
        "device": device.partition(":")[0],
        "frameworks": backend_version(cell.backend, catalogue),
        "plugins": [
            plugin_version(cell, catalogue),
            announced_code(catalogue, "backbones", (cell.backend, cell.backbone)),
        ],
        "losses": [
            announced_code(catalogue, "losses", loss)
            for loss in (("style", cell.style_loss), ("content", cell.content_loss))
        ],
        "core": _core_code(),
        "schema": SCHEMA,
    }
    described |= ({"packages": packages} if packages else {}) | ({"probed": True} if probed else {})
    return hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()


def backend_version(backend: str, catalogue: Catalogue) -> str:
    """Return the versions of the frameworks behind a backend: ``"torch 2.13.0, torchvision 0.28.0"``."""
    return ", ".join(f"{name} {distribution_version(name) or '?'}" for name in catalogue.backends[backend].frameworks)


def backbone_packages(backend: str, backbone: str, catalogue: Catalogue) -> list[str]:
    """Return the versions of what a backbone needs beside the frameworks: its network is that library's."""
    needed = catalogue.backbones[backend, backbone].requires
    others = [name for name in needed if name not in catalogue.backends[backend].frameworks]
    return [f"{name} {distribution_version(name) or '?'}" for name in others]


def plugin_version(cell: Cell, catalogue: Catalogue) -> str:
    """Return distribution, version and code hash of the plugin that provides the cell's backend."""
    provider = catalogue.provider("backends", cell.backend)
    if provider is None:
        return "built in"
    return f"{provider.distribution} {provider.version} {announced_code(catalogue, 'backends', cell.backend)[:12]}"


@cache
def _core_code() -> str:
    root = Path(nstbench.__file__).parent
    return folders_code([root / room for room in _CORE])
