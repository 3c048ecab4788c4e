"""Every classification network of torchvision as ``torchvision:<name>``: data only, no framework is imported."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from nstbench.plugin.descriptors import BackboneInfo
from nstbench.plugin.tables import read_family

__all__ = ["FAMILY", "TABLE", "networks"]

FAMILY = "torchvision"
TABLE = Path(__file__).with_name("torchvision.jsonl")
"""Written by ``python -m nstbench_torch.torchvision_table``."""


def networks() -> Mapping[str, BackboneInfo]:
    """Return the family's networks by full name."""
    return read_family(
        TABLE,
        family=FAMILY,
        backend="torch",
        target="nstbench_torch.torchvision_networks:build",
        tensors="nstbench_torch.torchvision_networks:tensors",
        reader="nstbench_torch.torchvision_networks:read",
        requires=("torch", "torchvision"),
    )
