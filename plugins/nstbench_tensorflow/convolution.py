"""Convolutions by the faster of TensorFlow's two kernels, in both directions.

A convolution of stride 1 with `same` padding is the gradient, with respect to the data, of the convolution with the
kernel turned by 180 degrees and its channels swapped; and the other way round. So the step can have whichever of the
two a CPU does fast. oneDNN has its forward convolution of plain kernels done as a matrix product; its data gradient
is up to four times as fast. Eigen's forward convolution is up to twice as fast as its data gradient. Sums differ in
their order only.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

__all__ = ["quicken"]

Tensor = Any


def _with_onednn() -> bool:
    """Whether TensorFlow, as this process has set it up, computes on an x86 CPU by oneDNN."""
    return os.environ.get("TF_ENABLE_ONEDNN_OPTS") == "1" and platform.machine().lower() in ("x86_64", "amd64")


def quicken(network: keras.Model, dtype: str) -> str:
    """Have every convolution of ``network`` that can be turned round computed by the faster kernel of a CPU.

    Its kernels must not change afterwards. Returns what computes the convolutions, in words.
    """
    product = _data_gradient if _with_onednn() and dtype == "float32" else _forward
    for layer in network.layers:
        if isinstance(layer, keras.layers.Conv2D) and _turns(layer):
            layer.convolution_op = _convolution(layer.kernel, product)
    return "convolutions as oneDNN's data gradients" if product is _data_gradient else "Eigen's forward convolutions"


def _turns(layer: keras.layers.Conv2D) -> bool:
    """Whether a layer is its own opposite's kind: odd kernel larger than 1, stride 1, no dilation, no groups."""
    odd = all(size % 2 for size in layer.kernel_size) and max(layer.kernel_size) > 1
    plain = set(layer.strides) == {1} and set(layer.dilation_rate) == {1} and layer.groups == 1
    return odd and plain and layer.padding == "same" and layer.data_format == "channels_last"


def _convolution(kernel: Tensor, product: Callable[[Tensor, Tensor], Tensor]) -> Callable[[Tensor, Tensor], Tensor]:
    straight = tf.convert_to_tensor(kernel)
    turned = tf.transpose(tf.reverse(straight, [0, 1]), [0, 1, 3, 2])
    there, back = (turned, straight) if product is _data_gradient else (straight, turned)

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def convolve(image: Tensor) -> tuple[Tensor, Callable[[Tensor], Tensor]]:
        return product(image, there), lambda gradient: product(gradient, back)

    return lambda image, _: convolve(image)


def _forward(image: Tensor, kernel: Tensor) -> Tensor:
    return tf.nn.conv2d(image, kernel, strides=1, padding="SAME")


def _data_gradient(image: Tensor, kernel: Tensor) -> Tensor:
    shape = [*image.shape[:3], kernel.shape[2]]
    made = tf.raw_ops.Conv2DBackpropInput(
        input_sizes=shape, filter=kernel, out_backprop=image, strides=[1, 1, 1, 1], padding="SAME"
    )
    made.set_shape((*image.shape[:3], kernel.shape[2]))
    return made
