"""A Keras network on TensorFlow, its convolutions by the faster kernels of a CPU."""

from __future__ import annotations

from nstbench_keras.extractor import KerasExtractor

from nstbench_tensorflow.convolution import quicken

__all__ = ["TensorFlowExtractor"]


class TensorFlowExtractor(KerasExtractor):
    """See ``KerasExtractor``; ``path`` says what computes the convolutions."""

    path = "cuDNN"

    def use_fast_convolutions(self) -> None:
        """Have a CPU compute the convolutions by the faster of its kernels."""
        self.path = quicken(self.network, self.dtype)
