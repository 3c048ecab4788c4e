"""The formulas that nstbench brings itself, announced through the same hook as anybody's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from nstbench.plugin.descriptors import LossInfo
from nstbench.plugin.markers import hookimpl

__all__ = ["nstbench_losses"]

_GATYS = "Gatys, Ecker and Bethge 2015, arXiv:1508.06576"
_SWAG = "Wang, Li and Vasconcelos, CVPR 2021, arXiv:2104.05623"
_STYLE = {
    "gatys": f"{_GATYS}, eq. 4: sum (G/M - A/M)^2 / (4 N^2)",
    "mean": "TensorFlow tutorial: mean (G/M - A/M)^2",
    "normalised": "PyTorch tutorial: mean (G/NM - A/NM)^2",
    "swag-softmax": f"{_SWAG}, eq. 11 and 13: Gram losses of the softmax over a whole layer",
    "swag-channel-softmax": f"{_SWAG}, second strategy: the softmax over the positions of each channel",
    "swag-scaled": f"{_SWAG}, as released: features of stride 16 and more times 0.001, mean (G/NM - A/NM)^2",
    "adain": "Li et al. 2017, arXiv:1701.01036: sum ((mu_x - mu_a)^2 + (sigma_x - sigma_a)^2) / N, as in AdaIN",
    "sliced-wasserstein": "Heitz et al., CVPR 2021, arXiv:2006.07229: mean over V of |sort(F V) - sort(A V)|^2 / M",
}
_CONTENT = {
    "sum": "sum (F - P)^2",
    "half_sum": f"{_GATYS}, eq. 1: sum (F - P)^2 / 2",
    "mean": "TensorFlow tutorial: mean (F - P)^2",
    "swag-softmax": f"{_SWAG}, eq. 11 and 12: sum (S - T)^2 / 2 of the softmax over a whole layer",
    "swag-channel-softmax": f"{_SWAG}, second strategy: the softmax over the positions of each channel",
    "swag-scaled": f"{_SWAG}, as released: features of stride 16 and more times 0.001, mean (F - P)^2",
}


@hookimpl
def nstbench_losses() -> Iterable[LossInfo]:
    """Announce the formulas of ``nstbench.transfer.losses``."""
    yield from _announced("style", _STYLE)
    yield from _announced("content", _CONTENT)
    yield LossInfo(
        "gatys-relative",
        "nstbench.transfer.losses:style_gatys",
        role="style",
        source=f"{_GATYS}, eq. 4, each layer divided by its loss at the start image (He, Wang and Hopcroft 2016)",
        relative=True,
    )


def _announced(role: Literal["content", "style"], sources: dict[str, str]) -> Iterator[LossInfo]:
    for name, source in sources.items():
        yield LossInfo(name, f"nstbench.transfer.losses:{role}_{name.replace('-', '_')}", role=role, source=source)
