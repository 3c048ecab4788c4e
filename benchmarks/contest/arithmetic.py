"""The arithmetic of one step, counted from the layers: what has to be computed, whoever computes it.

A multiply-add counts as two operations. A convolution needs its output (forward) and the gradient with respect to its
input (backward), equally many each; the first one's input is the image. The zeros that pad a border are counted, as
usual. A Gram matrix F^T F of (M, N) features needs M N^2 multiply-adds forward, and as many for the gradient
2 F (dG), dG being symmetric. Activations, pooling, losses and Adam are left out: less than a hundredth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nstbench.weights.architecture import layers

__all__ = ["Arithmetic", "ConvolutionShape", "convolutions", "step_arithmetic"]

FLOP_PER_MAC = 2


@dataclass(frozen=True, slots=True)
class ConvolutionShape:
    """A convolution with ``same`` padding and stride 1 on a map of ``height`` x ``width``; ``names`` share it."""

    names: tuple[str, ...]
    inputs: int
    outputs: int
    height: int
    width: int
    kernel: int = 3

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one of them, in one direction."""
        return self.kernel**2 * self.inputs * self.outputs * self.height * self.width


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Operations of one step (FLOP): of the convolutions forward, of their gradients, of the Gram matrices."""

    forward: int
    backward: int
    gram: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.forward + self.backward + self.gram


def convolutions(height: int, width: int, wanted: Sequence[str]) -> tuple[ConvolutionShape, ...]:
    """Return the convolutions of VGG19 down to the deepest of ``wanted``, equal shapes together, in order of depth."""
    found: dict[tuple[int, ...], list[str]] = {}
    for name, inputs, outputs, at_height, at_width in _layers(height, width, wanted):
        found.setdefault((inputs, outputs, at_height, at_width), []).append(name)
    return tuple(ConvolutionShape(tuple(names), *shape) for shape, names in found.items())


def step_arithmetic(height: int, width: int, style_layers: Sequence[str], content_layer: str) -> Arithmetic:
    """Count one step on an image of ``height`` x ``width``."""
    macs, gram = 0, 0
    for name, inputs, outputs, at_height, at_width in _layers(height, width, (*style_layers, content_layer)):
        macs += ConvolutionShape((name,), inputs, outputs, at_height, at_width).macs
        if name in style_layers:
            gram += 2 * at_height * at_width * outputs**2
    return Arithmetic(FLOP_PER_MAC * macs, FLOP_PER_MAC * macs, FLOP_PER_MAC * gram)


def _layers(height: int, width: int, wanted: Sequence[str]) -> list[tuple[str, int, int, int, int]]:
    """Return (name, channels in and out, height, width) of each convolution that is needed; pooling rounds down."""
    found = []
    left = set(wanted)
    for layer in layers("vgg19"):
        if layer.kind == "conv":
            at = (height // layer.stride, width // layer.stride)
            found.append((layer.name, layer.fan_channels, layer.channels, *at))
        left.discard(layer.name)
        if not left:
            return found
    raise ValueError(f"VGG19 has no layer {' or '.join(sorted(left))}")
