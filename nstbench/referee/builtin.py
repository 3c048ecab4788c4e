"""The metrics that nstbench brings itself, announced through the same hook as anybody's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nstbench.plugin.descriptors import MetricInfo
from nstbench.plugin.markers import hookimpl

__all__ = ["nstbench_metrics"]

_STYLEEVAL = "StyleEval (Wang, Zhao, Chen, Zuo, Li, Xing, Lu, CVIU 207, 2021)"
_LAYERS = {
    "content_fidelity": ("block4_conv1", "block5_conv1"),
    "global_effects": ("block2_conv1", "block3_conv1", "block4_conv1", "block5_conv1"),
    "local_patterns": ("block3_conv1", "block4_conv1"),
}


@hookimpl
def nstbench_metrics() -> Iterable[MetricInfo]:
    """Announce the formulas of ``nstbench.referee``."""
    return (
        MetricInfo(
            "style_distance",
            "nstbench.referee.distances:style_distance",
            kind="features",
            unit="ratio to the untouched content picture",
            direction="lower",
            meaning="how far the referee's Gram matrices are from the style picture's, relative to those of the "
            "untouched content picture: 1 is no transfer at all, 0 the style's statistics",
            source="Gram distance of Gatys, Ecker and Bethge 2015, eq. 4-5, over M and N as in PyTorch's tutorial",
        ),
        MetricInfo(
            "content_distance",
            "nstbench.referee.distances:content_distance",
            kind="features",
            unit="share of the content's squared features",
            direction="lower",
            meaning="how far the referee's features are from the content picture's, relative to their size: 0 is the "
            "untouched content picture",
            source="content distance of Gatys, Ecker and Bethge 2015, eq. 1, divided by |P|^2",
        ),
        MetricInfo(
            "ms_ssim",
            "nstbench.referee.pictures:ms_ssim",
            requires=("pytorch-msssim", "torch"),
            kind="picture",
            unit="0 to 1",
            direction="higher",
            meaning="how much of the content picture's structure is kept, over five scales; 1 is the content picture "
            "itself",
            source="Wang, Simoncelli, Bovik 2003, eq. 7, by pytorch-msssim",
        ),
        MetricInfo(
            "histogram_distance",
            "nstbench.referee.pictures:histogram_distance",
            kind="picture",
            unit="grey levels",
            direction="lower",
            meaning="how far the colours are from the style picture's: the grey levels by which an intensity must move "
            "on average",
            source="1-D Wasserstein distance (Rubner, Tomasi, Guibas 2000) of the RGB histograms, mean over channels",
        ),
        MetricInfo(
            "edge_agreement",
            "nstbench.referee.pictures:edge_agreement",
            requires=("scikit-image", "scipy"),
            kind="picture",
            unit="0 to 1",
            direction="higher",
            meaning="how many of the content picture's edges are kept and how few are new; 1 is all of them, no other",
            source="F1 score of Canny edges (1986, sigma 2 px) within 1 px, as in Martin, Fowlkes, Malik 2004",
        ),
        _styleeval(
            "content_fidelity",
            meaning="how alike the features of picture and content are, whatever their size",
            source="mean cosine of the features of conv4_1 and conv5_1",
        ),
        _styleeval(
            "global_effects",
            meaning="how alike colours and textures are to those of the style picture",
            source="half the mean cosine of the Gram matrices of conv2_1 to conv5_1, half that of the RGB histograms",
        ),
        _styleeval(
            "local_patterns",
            meaning="how well small patches match patches of the style picture, and how many different ones are used",
            source="half the mean best cosine of 3x3 patches of conv3_1 and conv4_1, half the share of patches used",
            precision="float64",
        ),
    )


def _styleeval(name: str, meaning: str, source: str, precision: str = "float32") -> MetricInfo:
    settings: dict[str, Any] = {"kind": "features", "unit": "0 to 1", "direction": "higher", "precision": precision}
    target, layers = f"nstbench.referee.styleeval:{name}", {"vgg19": _LAYERS[name]}
    return MetricInfo(name, target, meaning=meaning, source=f"{_STYLEEVAL}: {source}", layers=layers, **settings)
