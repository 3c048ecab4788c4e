"""A Keras network cut after the deepest layer asked for, reading RGB 0-255."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf
from numpy.typing import NDArray

from nstbench.plugin.descriptors import BackboneInfo, Preprocessing
from nstbench_tensorflow.convolution import quicken

__all__ = ["KerasExtractor"]

Tensor = Any


class KerasExtractor:
    """Features of images shaped (batch, H, W, 3), RGB 0-255, as (batch, M, N) per canonical layer."""

    def __init__(
        self,
        network: keras.Model,
        backbone: BackboneInfo,
        preprocessing: Preprocessing,
        layers: Sequence[str],
        dtype: str,
        *,
        on_cpu: bool,
    ) -> None:
        self.layers = tuple(layers)
        self.dtype = dtype
        outputs = {name: network.get_layer(backbone.layers[name]).output for name in layers}
        self._network = keras.Model(network.inputs, outputs)
        self._network.trainable = False
        self.path = quicken(self._network, dtype) if on_cpu else "cuDNN"
        self._reverse = preprocessing.channels == "BGR"
        self._mean = tf.constant(preprocessing.mean, dtype=dtype)
        self._std = tf.constant(preprocessing.std, dtype=dtype)

    def __call__(self, image: Tensor) -> dict[str, Tensor]:
        """Return ``{layer: (batch, M, N)}``; differentiable."""
        pixels = image[..., ::-1] if self._reverse else image
        maps = self._network((pixels - self._mean) / self._std, training=False)
        return {name: _positions(features) for name, features in maps.items()}

    def features(self, image: NDArray[Any]) -> dict[str, NDArray[Any]]:
        """Return ``{layer: (batch, M, N)}`` of an image (batch, H, W, 3)."""
        return {name: tensor.numpy() for name, tensor in self(tf.constant(image, dtype=self.dtype)).items()}


def _positions(features: Tensor) -> Tensor:
    batch, height, width, channels = features.shape
    return tf.reshape(features, (batch, height * width, channels))
