"""Every network of ``keras.applications`` as ``keras:<name>``: data only, no framework is imported.

``<name>`` is the library's, in small letters: ``keras:efficientnetb0``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from nstbench.plugin.descriptors import BackboneFamily, BackboneInfo
from nstbench.plugin.tables import read_family

__all__ = ["TABLE", "family", "on_jax", "on_tensorflow"]

TABLE = Path(__file__).with_name("applications.jsonl")
"""Written by ``python -m nstbench_keras.applications_table``."""


def family(backend: str) -> BackboneFamily:
    """Return the family for one backend, which is called as its framework is."""
    return BackboneFamily(
        "keras", f"nstbench_keras.applications:on_{backend}", requires=(backend, "keras"), backend=backend
    )


def on_tensorflow() -> Mapping[str, BackboneInfo]:
    """Return the networks by full name, for the backend ``tensorflow``."""
    return _networks("tensorflow")


def on_jax() -> Mapping[str, BackboneInfo]:
    """Return the networks by full name, for the backend ``jax``."""
    return _networks("jax")


def _networks(backend: str) -> Mapping[str, BackboneInfo]:
    return read_family(
        TABLE,
        family="keras",
        backend=backend,
        target="nstbench_keras.applications_networks:build",
        tensors="nstbench_keras.applications_networks:tensors",
        reader="nstbench_keras.applications_networks:read",
        requires=(backend, "keras"),
    )
