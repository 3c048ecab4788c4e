"""The most this device does in PyTorch: matrix products, the step's own convolutions, Gram matrices in either way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from statistics import median
from time import perf_counter
from typing import Any

import torch
from nstbench_torch.namespace import gram_in_parts
from nstbench_torch.precision import choose_precision
from torch import Tensor

from contest.arithmetic import ConvolutionShape, convolutions
from on_gpu.inputs import backbone
from on_gpu.ledger import Row, figure
from on_gpu.setting import Setting

__all__ = ["PRODUCT", "RATE", "convolution_rates", "gram_rates", "product_rates"]

PRODUCT = "matrix product"
RATE = "TFLOP/s"
REPEATS = 7
AT_ONCE = 3
"""Calls between two looks at the clock, so that launching them is hidden."""


def product_rates(setting: Setting, found: Sequence[Row]) -> Iterator[Row]:  # noqa: ARG001
    """Yield the rate of a large square product in each precision."""
    side = 256 if setting.quick else 8192
    for precision in setting.precisions:
        dtype = _prepare(setting, precision)
        a, b = (_random((side, side), dtype, setting) for _ in range(2))
        rate = _rate(setting, partial(torch.matmul, a, b), 2.0 * side**3)
        yield figure(PRODUCT, rate, RATE, precision=precision, size=side)


def convolution_rates(setting: Setting, found: Sequence[Row]) -> Iterator[Row]:  # noqa: ARG001
    """Yield the rates of VGG19's convolutions, channels last, forward and the gradient of their input."""
    info = backbone("vgg19")
    shapes = convolutions(setting.size, setting.size, (*info.style_layers, *info.content_layers))
    for precision in setting.precisions:
        dtype = _prepare(setting, precision)
        for shape in shapes:
            for direction, run in _convolution(shape, dtype, setting).items():
                columns = {"network": "vgg19", "precision": precision, "size": setting.size, "batch": 1}
                rate = _rate(setting, run, 2.0 * shape.macs)
                yield figure(f"{direction} of {' '.join(shape.names)}", rate, RATE, **columns)


def gram_rates(setting: Setting, found: Sequence[Row]) -> Iterator[Row]:  # noqa: ARG001
    """Yield the rates of the Gram matrices of VGG19's style layers, as one product and as a sum of parts."""
    for precision in [one for one in setting.precisions if one != "bf16"]:  # whose Gram matrices are as TF32's
        _prepare(setting, precision)
        for block, channels in enumerate((64, 128, 256, 512, 512)):
            positions = max(1, setting.size >> block) ** 2
            features = _random((1, positions, channels), torch.float32, setting)
            ways = {"one product": partial(torch.matmul, features.mT, features)}
            ways["a sum of parts"] = partial(gram_in_parts, features)
            for way, run in ways.items():
                columns = {"network": "vgg19", "precision": precision, "size": setting.size, "batch": 1}
                rate = _rate(setting, run, 2.0 * positions * channels**2)
                yield figure(f"Gram matrix of block{block + 1} as {way}", rate, RATE, **columns)


def _prepare(setting: Setting, name: str) -> torch.dtype:
    device = torch.device(setting.device)
    precision = choose_precision(name, device)
    precision.apply(device)
    return precision.network


def _convolution(shape: ConvolutionShape, dtype: torch.dtype, setting: Setting) -> dict[str, Callable[[], Any]]:
    layout = torch.channels_last
    image = _random((1, shape.inputs, shape.height, shape.width), dtype, setting).to(memory_format=layout)
    kernel = _random((shape.outputs, shape.inputs, 3, 3), dtype, setting).to(memory_format=layout)
    output = torch.nn.functional.conv2d(image, kernel, padding=1)
    ones = [1, 1]
    # What autograd calls for a convolution with frozen weights.
    gradient = partial(torch.ops.aten.convolution_backward, output, image, kernel, None, ones, ones, ones)
    return {
        "forward": lambda: torch.nn.functional.conv2d(image, kernel, padding=1),
        "gradient": lambda: gradient(False, [0, 0], 1, [True, False, False]),
    }


def _random(shape: tuple[int, ...], dtype: torch.dtype, setting: Setting) -> Tensor:
    """Draw numbers from a generator of our own: the device's may be left unusable by a capture that failed."""
    device = torch.device(setting.device)
    generator = torch.Generator(device).manual_seed(0)
    return torch.randn(shape, generator=generator, device=device).to(dtype)


@torch.no_grad()
def _rate(setting: Setting, run: Callable[[], Any], flop: float) -> float:
    """Return TFLOP/s: the median of some repeats after a warm-up."""
    setting.check_time()
    times = 1 if setting.quick else AT_ONCE

    def seconds() -> float:
        started = perf_counter()
        for _ in range(times):
            run()
        if setting.on_gpu:
            torch.cuda.synchronize()
        return (perf_counter() - started) / times

    seconds()
    return flop / median(seconds() for _ in range(1 if setting.quick else REPEATS)) / 1e12
