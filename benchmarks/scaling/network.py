"""What the layers alone say about cutting a step into tiles, and about keeping less of it."""

from __future__ import annotations

from collections.abc import Iterator

from contest.arithmetic import Arithmetic
from contest.work import STYLE_LAYERS
from nstbench.weights.architecture import Layer, layers
from scaling.points import CONTENT_LAYER

__all__ = ["exchanged_mb", "halo", "kept_share", "tiles", "twice_forward"]


def halo() -> int:
    """Return how many pixels beyond a tile its features depend on, in whole positions of the deepest layer.

    A 3x3 convolution reaches one position further, which is its stride in pixels. Tiles begin where positions of the
    deepest layer do, so that pooling, 2x2 without overlap, reaches no further.
    """
    reach = sum(layer.kernel // 2 * layer.stride for layer in _needed() if layer.kind == "conv")
    deepest = max(layer.stride for layer in _needed())
    return -(-reach // deepest) * deepest


def tiles(height: int, width: int, side: int) -> Iterator[tuple[int, int]]:
    """Yield (height, width) of every tile of a picture with its halo, which ends where the picture does."""
    for top in range(0, height, side):
        for left in range(0, width, side):
            yield _extent(top, side, height), _extent(left, side, width)


def twice_forward(arithmetic: Arithmetic) -> float:
    """Return how much longer a step is whose forward pass is computed twice."""
    return (arithmetic.total + arithmetic.forward) / arithmetic.total


def kept_share() -> float:
    """Return the part of the activations that is held at most if only what enters each block is kept.

    Each block is then computed again, with its convolutions' outputs, when its gradient is due.
    """
    blocks: dict[str, float] = {}
    entering = 0.0
    for layer in _needed():
        if layer.kind == "conv":
            name = layer.name.partition("_")[0]
            blocks[name] = blocks.get(name, 0.0) + layer.outputs
        elif layer.kind == "pool":
            entering += layer.outputs
    return (entering + max(blocks.values())) / (entering + sum(blocks.values()))


def exchanged_mb() -> float:
    """Return MiB that a machine sends and receives in a step if pictures are divided: Gram matrices in float32."""
    channels = [layer.channels for layer in _needed() if layer.name in STYLE_LAYERS]
    return 2 * 4 * sum(count**2 for count in channels) / 2**20


def _needed() -> list[Layer]:
    found = []
    for layer in layers("vgg19"):
        found.append(layer)
        if layer.name == CONTENT_LAYER:
            break
    return found


def _extent(start: int, side: int, end: int) -> int:
    return min(end, start + side + halo()) - max(0, start - halo())
