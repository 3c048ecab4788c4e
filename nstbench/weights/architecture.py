"""The two networks as tables: layers in order of depth, the shapes of their parameters, the work to reach a layer.

Layer names are those of ``keras.applications``, without input, padding and classifier layers. VGG19: Simonyan and
Zisserman 2015, configuration E; ResNet50: He et al. 2016, table 1. Nothing here imports a framework.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from nstbench.errors import WeightsError
from nstbench.plugin.descriptors import LayerCost

__all__ = ["NETWORKS", "Layer", "check_tensors", "layer_costs", "layers", "parameter_shapes"]

Architecture = Literal["keras", "torchvision"]
NETWORKS = ("vgg19", "resnet50")
BATCH_NORM = ("gamma", "beta", "moving_mean", "moving_variance")


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: ``kernel`` is its side in pixels (0 where it has none), ``stride`` the output's, from the image."""

    name: str
    kind: Literal["conv", "bn", "relu", "pool", "add"]
    inputs: tuple[str, ...]
    channels: int
    stride: int
    kernel: int = 0
    fan_channels: int = 0
    bias: bool = False

    @property
    def parameters(self) -> dict[str, tuple[int, ...]]:
        """Shapes by parameter name; kernels are (height, width, in, out)."""
        if self.kind == "conv":
            kernel = {"kernel": (self.kernel, self.kernel, self.fan_channels, self.channels)}
            return kernel | ({"bias": (self.channels,)} if self.bias else {})
        return dict.fromkeys(BATCH_NORM, (self.channels,)) if self.kind == "bn" else {}

    @property
    def macs(self) -> float:
        """Multiply-accumulates of this layer alone, per pixel of the image."""
        return self.kernel**2 * self.fan_channels * self.channels / self.stride**2 if self.kind == "conv" else 0.0

    @property
    def outputs(self) -> float:
        """Numbers in the layer's output, per pixel of the image."""
        return self.channels / self.stride**2


@cache
def layers(backbone: str, architecture: str = "keras") -> tuple[Layer, ...]:
    """Return the layers, each after all it needs.

    ``architecture`` matters to ResNet50 only. Raises ``WeightsError`` for a network or a variant not known here.
    """
    build = {"vgg19": _vgg19, "resnet50": _resnet50}.get(backbone)
    if build is None:
        raise WeightsError(f"the layers of {backbone!r} are not known here, only those of {' and '.join(NETWORKS)}.")
    if architecture not in ("keras", "torchvision"):
        raise WeightsError(f"{backbone} has no architecture {architecture!r}, only 'keras' and 'torchvision'.")
    return tuple(build(architecture))


@cache
def parameter_shapes(backbone: str, architecture: str) -> Mapping[str, tuple[int, ...]]:
    """Return ``{"<layer>/<parameter>": shape}`` of everything below the classifier, in order of depth."""
    found = layers(backbone, architecture)
    return {f"{layer.name}/{name}": shape for layer in found for name, shape in layer.parameters.items()}


def check_tensors(backbone: str, architecture: str, tensors: Mapping[str, Any]) -> None:
    """Raise ``WeightsError`` naming the first tensor that is missing or has the wrong shape; others may be there."""
    for name, shape in parameter_shapes(backbone, architecture).items():
        if name not in tensors:
            raise WeightsError(f"these weights do not fit {backbone} ({architecture}): {name} is missing.")
        given = tuple(tensors[name].shape)
        if given != shape:
            raise WeightsError(
                f"these weights do not fit {backbone} ({architecture}): {name} has shape {given} instead of {shape}."
            )


@cache
def layer_costs(backbone: str, architecture: str = "keras") -> Mapping[str, LayerCost]:
    """Return, for each layer, the work of everything it needs and itself, per pixel of the image.

    ``activations`` counts every such layer's output once: what automatic differentiation keeps when it frees nothing.
    """
    by_name = {layer.name: layer for layer in layers(backbone, architecture)}
    needs: dict[str, frozenset[str]] = {}
    for layer in by_name.values():
        needs[layer.name] = frozenset({layer.name}).union(*(needs[name] for name in layer.inputs))
    return {name: _cost([by_name[one] for one in by_name if one in needed]) for name, needed in needs.items()}


def _cost(needed: list[Layer]) -> LayerCost:
    return LayerCost(sum(layer.macs for layer in needed), sum(layer.outputs for layer in needed))


def _vgg19(_architecture: str) -> Iterator[Layer]:
    below: tuple[str, ...] = ()
    channels = 3
    for block, (convolutions, width) in enumerate(((2, 64), (2, 128), (4, 256), (4, 512), (4, 512)), start=1):
        stride = 2 ** (block - 1)
        for index in range(1, convolutions + 1):
            name = f"block{block}_conv{index}"
            yield Layer(name, "conv", below, width, stride, kernel=3, fan_channels=channels, bias=True)
            below, channels = (name,), width
        yield Layer(f"block{block}_pool", "pool", below, width, 2 * stride)
        below = (f"block{block}_pool",)


def _resnet50(architecture: str) -> Iterator[Layer]:
    bias = architecture == "keras"
    yield Layer("conv1_conv", "conv", (), 64, 2, kernel=7, fan_channels=3, bias=bias)
    yield Layer("conv1_bn", "bn", ("conv1_conv",), 64, 2)
    yield Layer("conv1_relu", "relu", ("conv1_bn",), 64, 2)
    yield Layer("pool1_pool", "pool", ("conv1_relu",), 64, 4)
    below, channels, stride = "pool1_pool", 64, 4
    for stage, (blocks, width) in enumerate(((3, 64), (4, 128), (6, 256), (3, 512)), start=2):
        for index in range(1, blocks + 1):
            down = 2 if index == 1 and stage > 2 else 1
            yield from _residual_block(f"conv{stage}_block{index}", below, (channels, width), (stride, down), bias)
            below, channels, stride = f"conv{stage}_block{index}_out", 4 * width, stride * down


def _residual_block(
    name: str, below: str, widths: tuple[int, int], strides: tuple[int, int], bias: bool
) -> Iterator[Layer]:
    """Yield one block of ``widths`` (in, middle) whose output's stride is the product of ``strides`` (in, own).

    The variants differ in where they go down: Keras (v1) in the first 1x1, torchvision (v1.5), without biases, in the
    3x3 convolution.
    """
    channels, width = widths
    last = strides[0] * strides[1]
    middle = last if bias else strides[0]
    conv = _convolution(name, bias)
    if name.endswith("block1"):
        yield from conv("0", below, (1, channels, 4 * width), last)
    yield from conv("1", below, (1, channels, width), middle)
    yield Layer(f"{name}_1_relu", "relu", (f"{name}_1_bn",), width, middle)
    yield from conv("2", f"{name}_1_relu", (3, width, width), last)
    yield Layer(f"{name}_2_relu", "relu", (f"{name}_2_bn",), width, last)
    yield from conv("3", f"{name}_2_relu", (1, width, 4 * width), last)
    shortcut = f"{name}_0_bn" if name.endswith("block1") else below
    yield Layer(f"{name}_add", "add", (shortcut, f"{name}_3_bn"), 4 * width, last)
    yield Layer(f"{name}_out", "relu", (f"{name}_add",), 4 * width, last)


def _convolution(block: str, bias: bool) -> Callable[[str, str, tuple[int, int, int], int], Iterator[Layer]]:
    def pair(branch: str, below: str, size: tuple[int, int, int], stride: int) -> Iterator[Layer]:
        kernel, channels, width = size
        name = f"{block}_{branch}"
        yield Layer(f"{name}_conv", "conv", (below,), width, stride, kernel, channels, bias)
        yield Layer(f"{name}_bn", "bn", (f"{name}_conv",), width, stride)

    return pair
