"""timm's convolutional networks as ``timm:<name>`` on the torch backend. Importing this imports no framework.

Written against what nstbench and ``nstbench_torch`` offer to every plugin.
"""

from __future__ import annotations

from collections.abc import Iterable

from nstbench import hookimpl
from nstbench.plugin.descriptors import BackboneFamily, Preprocessing, WeightsInfo
from nstbench_timm.family import FAMILY

__all__ = ["nstbench_backbone_families", "nstbench_weights"]

IMAGENET = Preprocessing("RGB", (123.675, 116.28, 103.53), (58.395, 57.12, 57.375))
"""What most networks of timm take; each row of the table has its own."""


@hookimpl
def nstbench_backbone_families() -> Iterable[BackboneFamily]:
    """Announce the networks."""
    yield BackboneFamily(FAMILY, "nstbench_timm.family:networks", requires=("timm",), backend="torch")


@hookimpl
def nstbench_weights() -> Iterable[WeightsInfo]:
    """Announce the weights that timm takes for each network by default; files and preprocessing are the networks'."""
    yield WeightsInfo(
        FAMILY,
        "nstbench_timm.networks:read",
        requires=("timm",),
        code=("nstbench_torch",),
        files={},
        architecture=FAMILY,
        preprocessing=IMAGENET,
        source="timm, the default weights of each network, on the Hugging Face Hub",
    )
