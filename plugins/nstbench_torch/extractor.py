"""A torch network cut after the deepest layer asked for, reading RGB 0-255."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from nstbench.plugin.descriptors import BackboneInfo, Preprocessing

__all__ = ["TorchExtractor", "cut"]


def cut(network: nn.Module, layers: Mapping[str, str], wanted: Sequence[str]) -> nn.Module:
    """Return the part of ``network`` that ``wanted`` canonical layers need, as a module that returns them by name.

    The network is traced to a graph, so ``x += y`` becomes ``x = x + y``; together with ReLUs that do not work in place
    (replaced here) no later layer can overwrite a captured one. Nodes that no wanted layer needs are dropped.
    """
    from torchvision.models.feature_extraction import create_feature_extractor

    for module in network.modules():
        if hasattr(module, "inplace"):
            cast("Any", module).inplace = False
    nodes = {layers[name]: name for name in wanted}
    return create_feature_extractor(network.eval().requires_grad_(False), return_nodes=nodes)  # type: ignore[no-any-return]


class TorchExtractor:
    """Features of images shaped (batch, 3, H, W), RGB 0-255, as (batch, M, N) per canonical layer."""

    def __init__(
        self,
        network: nn.Module,
        backbone: BackboneInfo,
        preprocessing: Preprocessing,
        layers: Sequence[str],
        device: torch.device,
        dtype: torch.dtype,
    ) -> None:
        self.layers = tuple(layers)
        self.device, self.dtype = device, dtype
        self._network = cut(network, backbone.layers, layers).to(device=device, dtype=dtype)
        self._reverse = preprocessing.channels == "BGR"
        self._mean = torch.tensor(preprocessing.mean, device=device, dtype=dtype).reshape(1, 3, 1, 1)
        self._std = torch.tensor(preprocessing.std, device=device, dtype=dtype).reshape(1, 3, 1, 1)

    def __call__(self, image: Tensor) -> dict[str, Tensor]:
        """Return ``{layer: (batch, M, N)}``; differentiable."""
        pixels = image.flip(1) if self._reverse else image
        maps = self._network((pixels - self._mean) / self._std)
        return {name: _positions(features) for name, features in maps.items()}

    def upload(self, image: NDArray[Any]) -> Tensor:
        """Bring (batch, H, W, 3) to the device as (batch, 3, H, W)."""
        tensor = torch.from_numpy(np.ascontiguousarray(image)).to(device=self.device, dtype=self.dtype)
        return tensor.permute(0, 3, 1, 2).contiguous()

    def features(self, image: NDArray[Any]) -> dict[str, NDArray[Any]]:
        """Return ``{layer: (batch, M, N)}`` of an image (batch, H, W, 3)."""
        with torch.no_grad():
            return {name: tensor.cpu().numpy() for name, tensor in self(self.upload(image)).items()}


def _positions(features: Tensor) -> Tensor:
    """Return (batch, channels, height, width) as (batch, positions, channels).

    A Gram matrix hands back a gradient in transposed memory order, for which torch 2.13's frozen batch normalisation
    computes a wrong gradient on the CPU, without a word: so the network gets it in the order of its own maps.
    """
    if features.requires_grad:
        features.register_hook(torch.Tensor.contiguous)  # type: ignore[no-untyped-call]
    return features.flatten(2).transpose(1, 2)
