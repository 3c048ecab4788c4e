"""Open a small network with layer tables that do not fit it: ``misfits.py torch|tensorflow``; prints what is said."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from nstbench.errors import PluginError
from nstbench.plugin.descriptors import BackboneInfo, Preprocessing

NAMES = {"torch": ("0.0", "2"), "tensorflow": ("conv", "top")}
"""Native names of the convolution and of the classifier."""


def on_torch(layers: dict[str, str], branches: bool = False) -> np.ndarray:
    import torch
    from nstbench_torch.extractor import TorchExtractor
    from nstbench_torch.imports import import_torchvision
    from nstbench_torch.precision import choose_precision
    from torch import nn

    class Pool(nn.Module):
        def forward(self, x: Any) -> Any:
            return x.mean((2, 3)) if not branches or x.sum() > 0 else x.amax((2, 3))

    import_torchvision()
    network = nn.Sequential(nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()), Pool(), nn.Linear(4, 2))
    device = torch.device("cpu")
    return opened(TorchExtractor, network, layers, device, choose_precision("float32", device))


def on_tensorflow(layers: dict[str, str]) -> np.ndarray:
    import keras
    from nstbench_keras.extractor import KerasExtractor

    image = keras.Input((None, None, 3))
    x = keras.layers.Conv2D(4, 3, name="conv")(image)
    x = keras.layers.Dense(2, name="top")(keras.layers.GlobalAveragePooling2D(name="pool")(x))
    return opened(KerasExtractor, keras.Model(image, x), layers, "float32")


def opened(extractor: Callable[..., Any], network: Any, layers: dict[str, str], *settings: Any) -> np.ndarray:
    info = BackboneInfo(
        "small", "m:f", backend="b", layers=layers, content_layers=("deep",), style_layers=("deep",), weights=()
    )
    plain = Preprocessing("RGB", (0.0, 0.0, 0.0))
    return extractor(network, info, plain, tuple(layers), *settings).features(np.ones((1, 8, 8, 3), np.float32))["deep"]


def said(function: Callable[[], object]) -> str:
    try:
        function()
    except PluginError as error:
        return str(error)
    return "nothing"


if __name__ == "__main__":
    backend = sys.argv[1]
    run: Callable[..., Any] = {"torch": on_torch, "tensorflow": on_tensorflow}[backend]
    convolution, classifier = NAMES[backend]
    print("fits:", run({"deep": convolution}).shape)
    print("no such:", said(lambda: run({"deep": f"{convolution}x"})))
    print("no map:", said(lambda: run({"deep": classifier})))
    if backend == "torch":
        print("module:", run({"deep": "0"}).shape)
        print("branches:", said(lambda: run({"deep": classifier}, branches=True)))
