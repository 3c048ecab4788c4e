"""The formulas that nstbench brings itself, announced through the same hook as anybody's."""

from __future__ import annotations

from collections.abc import Iterable

from nstbench.plugin.descriptors import LossInfo
from nstbench.plugin.markers import hookimpl

__all__ = ["nstbench_losses"]

_GATYS = "Gatys, Ecker and Bethge 2015, arXiv:1508.06576"
_HERE = "nstbench.transfer.losses"


@hookimpl
def nstbench_losses() -> Iterable[LossInfo]:
    """Announce the formulas of ``nstbench.transfer.losses``."""
    return (
        LossInfo("gatys", f"{_HERE}:style_gatys", role="style", source=f"{_GATYS}, eq. 4: sum (G/M - A/M)^2 / (4 N^2)"),
        LossInfo("mean", f"{_HERE}:style_mean", role="style", source="TensorFlow tutorial: mean (G/M - A/M)^2"),
        LossInfo(
            "normalised", f"{_HERE}:style_normalised", role="style", source="PyTorch tutorial: mean (G/NM - A/NM)^2"
        ),
        LossInfo("sum", f"{_HERE}:content_sum", role="content", source="sum (F - P)^2"),
        LossInfo("half_sum", f"{_HERE}:content_half_sum", role="content", source=f"{_GATYS}, eq. 1: sum (F - P)^2 / 2"),
        LossInfo("mean", f"{_HERE}:content_mean", role="content", source="TensorFlow tutorial: mean (F - P)^2"),
    )
