"""timm's convolutional networks by name: data only, no framework is imported."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from nstbench.plugin.descriptors import BackboneInfo
from nstbench.plugin.tables import read_family

__all__ = ["FAMILY", "TABLE", "networks"]

FAMILY = "timm"
TABLE = Path(__file__).with_name("timm.jsonl")
"""Written by ``python -m nstbench_timm.table``."""


def networks() -> Mapping[str, BackboneInfo]:
    """Return the family's networks by full name."""
    return read_family(
        TABLE,
        family=FAMILY,
        backend="torch",
        target="nstbench_timm.networks:build",
        tensors="nstbench_timm.networks:tensors",
        requires=("timm",),
        code=("nstbench_torch",),
    )
