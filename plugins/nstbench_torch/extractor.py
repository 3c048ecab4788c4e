"""A torch network cut after the deepest layer asked for, reading RGB 0-255."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from nstbench.plugin.descriptors import BackboneInfo, Preprocessing
from nstbench.plugin.misfits import no_map
from nstbench_torch.cutting import CHANNELS_LAST, cut
from nstbench_torch.normalisation import order_gradients
from nstbench_torch.pooling import use_lean_pooling
from nstbench_torch.precision import Precision
from nstbench_torch.winograd import use_winograd

__all__ = ["TorchExtractor"]


class TorchExtractor:
    """Features of images shaped (batch, 3, H, W), RGB 0-255, as (batch, M, N) per canonical layer.

    Maps lie in memory with the channels last: oneDNN and tensor cores convolve them so without reordering, and they are
    (batch, M, N) already.
    """

    def __init__(
        self,
        network: nn.Module,
        backbone: BackboneInfo,
        preprocessing: Preprocessing,
        layers: Sequence[str],
        device: torch.device,
        precision: Precision,
    ) -> None:
        self.layers = tuple(layers)
        self.device, self.precision = device, precision
        self._natives = backbone.layers
        self._channels_last = {name for name in layers if backbone.layers[name].endswith(CHANNELS_LAST)}
        self._network = cut(network, backbone.layers, layers).to(device=device, dtype=precision.network)
        _put_channels_last(self._network)
        if device.type == "cpu":  # elsewhere it would differentiate within the backward pass of a captured step
            use_lean_pooling(self._network)
            order_gradients(self._network)
        if precision.winograd:
            use_winograd(self._network)
        dtype = precision.storage
        self._reverse = preprocessing.channels == "BGR"
        self._mean = torch.tensor(preprocessing.mean, device=device, dtype=dtype).reshape(1, 3, 1, 1)
        self._std = torch.tensor(preprocessing.std, device=device, dtype=dtype).reshape(1, 3, 1, 1)

    def __call__(self, image: Tensor) -> dict[str, Tensor]:
        """Return ``{layer: (batch, M, N)}``; differentiable."""
        pixels = image.flip(1) if self._reverse else image
        maps = self._network(((pixels - self._mean) / self._std).to(self.precision.network))
        for name, features in maps.items():
            if features.ndim != 4:
                raise no_map(name, self._natives[name], features.shape)
        return {
            name: _positions(features, self.precision.storage, name in self._channels_last)
            for name, features in maps.items()
        }

    def upload(self, image: NDArray[Any]) -> Tensor:
        """Bring (batch, H, W, 3) to the device as (batch, 3, H, W)."""
        tensor = torch.from_numpy(np.ascontiguousarray(image)).to(device=self.device, dtype=self.precision.storage)
        return tensor.permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)

    def features(self, image: NDArray[Any]) -> dict[str, NDArray[Any]]:
        """Return ``{layer: (batch, M, N)}`` of an image (batch, H, W, 3)."""
        with torch.no_grad():
            return {name: tensor.cpu().numpy() for name, tensor in self(self.upload(image)).items()}


def _put_channels_last(network: nn.Module) -> None:
    """Order kernels in memory; ``Module.to`` would refuse those of three dimensions."""
    for tensor in (*network.parameters(), *network.buffers()):
        if tensor.ndim == 4:
            tensor.data = tensor.data.contiguous(memory_format=torch.channels_last)


def _positions(features: Tensor, dtype: torch.dtype, channels_last: bool) -> Tensor:
    """Return maps as (batch, positions, channels), without a copy where that is possible."""
    maps = features.to(dtype)
    return (maps if channels_last else maps.permute(0, 2, 3, 1)).flatten(1, 2)
