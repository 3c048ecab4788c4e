"""A Keras network on TensorFlow, its convolutions by the faster kernels of a CPU."""

from __future__ import annotations

from collections.abc import Sequence

import keras
from nstbench_keras.extractor import KerasExtractor

from nstbench.plugin.descriptors import BackboneInfo, Preprocessing
from nstbench_tensorflow.convolution import quicken

__all__ = ["TensorFlowExtractor"]


class TensorFlowExtractor(KerasExtractor):
    """See ``KerasExtractor``; ``path`` says what computes the convolutions."""

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
        super().__init__(network, backbone, preprocessing, layers, dtype)
        self.path = quicken(self.network, dtype) if on_cpu else "cuDNN"
