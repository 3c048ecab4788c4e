"""A Keras network cut after the deepest layer asked for, reading RGB 0-255; imported by workers only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import ops
from numpy.typing import NDArray

from nstbench.plugin.descriptors import BackboneInfo, Preprocessing
from nstbench.plugin.misfits import no_map, no_such_layer

__all__ = ["KerasExtractor"]

Tensor = Any


class KerasExtractor:
    """Features of images shaped (batch, H, W, 3), RGB 0-255, as (batch, M, N) per canonical layer.

    ``parameters`` are what a compiled step has to be given because the framework would otherwise take them for
    constants; none where it reads a network's variables itself.
    """

    parameters: Sequence[Tensor] = ()

    def __init__(
        self,
        network: keras.Model,
        backbone: BackboneInfo,
        preprocessing: Preprocessing,
        layers: Sequence[str],
        dtype: str,
    ) -> None:
        self.layers = tuple(layers)
        self.dtype = dtype
        operations = {one.name: one for one in network.operations}  # the layers, and sums that are no layers
        outputs = {name: _output(operations, name, backbone.layers[name]) for name in layers}
        self.network = keras.Model(network.inputs, outputs)
        self.network.trainable = False
        self._reverse = preprocessing.channels == "BGR"
        self._mean = ops.convert_to_tensor(preprocessing.mean, dtype=dtype)
        self._std = ops.convert_to_tensor(preprocessing.std, dtype=dtype)

    def __call__(self, image: Tensor, parameters: Sequence[Tensor] = ()) -> dict[str, Tensor]:
        """Return ``{layer: (batch, M, N)}``; differentiable."""
        pixels = image[..., ::-1] if self._reverse else image
        maps = self._maps((pixels - self._mean) / self._std, parameters)
        return {name: _positions(features) for name, features in maps.items()}

    def _maps(self, pixels: Tensor, _parameters: Sequence[Tensor]) -> Mapping[str, Tensor]:
        return self.network(pixels, training=False)  # type: ignore[no-any-return]

    def upload(self, image: NDArray[Any]) -> Tensor:
        """Bring (batch, H, W, 3), or anything else, to the device."""
        return ops.convert_to_tensor(image, dtype=self.dtype)

    def features(self, image: NDArray[Any]) -> dict[str, NDArray[Any]]:
        """Return ``{layer: (batch, M, N)}`` of an image (batch, H, W, 3)."""
        return {name: ops.convert_to_numpy(tensor) for name, tensor in self(self.upload(image)).items()}


def _output(operations: Mapping[str, Any], layer: str, native: str) -> Tensor:
    if native not in operations:
        raise no_such_layer(layer, native, operations)
    output = operations[native].output
    if len(output.shape) != 4:
        raise no_map(layer, native, output.shape)
    return output


def _positions(features: Tensor) -> Tensor:
    batch, height, width, channels = features.shape
    return ops.reshape(features, (batch, height * width, channels))
