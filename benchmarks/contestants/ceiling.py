"""The most this machine does in a framework: matrix products and the step's own 3x3 convolutions, nothing between them.

One measurement takes every operation once, after one that warms up, and gives its rate in GFLOP/s. Shapes come in a
file beside the work, so that this needs no nstbench.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from contestants.gate import Gate

__all__ = ["SHAPES", "play"]

SHAPES = "shapes.json"
SIDES = (1024, 2048)
"""Sides of the square matrices that are multiplied."""
REPEATS = 3

Operation = tuple[str, str, str, float, Callable[[], Any]]
"""What, direction, layout, FLOP, and the call that does it."""


def play(gate: Gate, framework: str) -> None:
    """Measure whenever asked."""
    shapes = json.loads((Path(gate.work.folder) / SHAPES).read_text())
    operations = list({"torch": _torch, "tensorflow": _tensorflow}[framework](gate, shapes))
    gate.measured(lambda: {"rates": [_rate(one) for one in operations]})


def _rate(operation: Operation) -> dict[str, Any]:
    name, direction, layout, flop, run = operation
    run()
    best = min(_seconds(run) for _ in range(REPEATS))
    return {"name": name, "direction": direction, "layout": layout, "gflops": flop / best / 1e9}


def _seconds(run: Callable[[], Any]) -> float:
    started = perf_counter()
    run()
    return perf_counter() - started


def _torch(gate: Gate, shapes: list[dict[str, Any]]) -> Iterator[Operation]:
    import torch

    torch.set_num_threads(gate.work.threads)
    torch.set_grad_enabled(False)
    for side in SIDES:
        a, b = torch.randn(side, side), torch.randn(side, side)
        yield f"{side} x {side}", "product", "", 2.0 * side**3, partial(torch.matmul, a, b)
    for shape in shapes:
        for layout in (torch.contiguous_format, torch.channels_last):
            yield from _torch_convolution(shape, layout)


def _torch_convolution(shape: dict[str, Any], layout: Any) -> Iterator[Operation]:
    import torch

    size = (1, shape["inputs"], shape["height"], shape["width"])
    image = torch.randn(size).to(memory_format=layout)
    kernel = torch.randn(shape["outputs"], shape["inputs"], 3, 3).to(memory_format=layout)
    output = torch.nn.functional.conv2d(image, kernel, padding=1)
    name, flop = shape["names"][0], 2.0 * shape["macs"]
    label = str(layout).removeprefix("torch.").removesuffix("_format")
    # What autograd calls for a convolution with frozen weights.
    gradient = partial(torch.ops.aten.convolution_backward, output, image, kernel, None)
    ones = [1, 1]
    yield name, "forward", label, flop, lambda: torch.nn.functional.conv2d(image, kernel, padding=1)
    yield name, "gradient", label, flop, lambda: gradient(ones, ones, ones, False, [0, 0], 1, [True, False, False])


def _tensorflow(gate: Gate, shapes: list[dict[str, Any]]) -> Iterator[Operation]:
    """TensorFlow convolves on a CPU with the channels last only; eager operations are done when they return."""
    import os

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(gate.work.threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    for side in SIDES:
        a, b = tf.random.normal((side, side)), tf.random.normal((side, side))
        yield f"{side} x {side}", "product", "", 2.0 * side**3, partial(tf.linalg.matmul, a, b)
    for shape in shapes:
        yield from _tensorflow_convolution(tf, shape)


def _tensorflow_convolution(tf: Any, shape: dict[str, Any]) -> Iterator[Operation]:
    size = (1, shape["height"], shape["width"], shape["inputs"])
    image = tf.random.normal(size)
    kernel = tf.random.normal((3, 3, shape["inputs"], shape["outputs"]))
    output = tf.nn.conv2d(image, kernel, 1, "SAME")
    name, flop = shape["names"][0], 2.0 * shape["macs"]
    gradient = partial(tf.raw_ops.Conv2DBackpropInput, input_sizes=size, filter=kernel, out_backprop=output)
    yield name, "forward", "channels_last", flop, lambda: tf.nn.conv2d(image, kernel, 1, "SAME")
    yield name, "gradient", "channels_last", flop, lambda: gradient(strides=[1, 1, 1, 1], padding="SAME")
