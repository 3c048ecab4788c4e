"""EfficientNet-Lite0 as a table: blocks, layer names and the work to reach a layer. No framework is imported.

Tan and Le 2019, table 1 (the baseline B0: both multipliers are 1), without squeeze-and-excitation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from nstbench.plugin.descriptors import LayerCost

__all__ = ["BLOCKS", "HEAD_CHANNELS", "STEM_CHANNELS", "Block", "layer_costs", "modules", "nodes"]

STEM_CHANNELS = 32
HEAD_CHANNELS = 1280
STAGES = (
    # expansion, kernel side, stride of the first block, channels, blocks
    (1, 3, 1, 16, 1),
    (6, 3, 2, 24, 2),
    (6, 5, 2, 40, 2),
    (6, 3, 2, 80, 3),
    (6, 5, 1, 112, 3),
    (6, 5, 2, 192, 4),
    (6, 3, 1, 320, 1),
)


@dataclass(frozen=True, slots=True)
class Block:
    """An inverted residual (MBConv): 1x1 expansion (none where the factor is 1), depthwise, 1x1 projection."""

    inputs: int
    channels: int
    expansion: int
    kernel: int
    stride: int

    @property
    def width(self) -> int:
        """Channels of the depthwise convolution."""
        return self.inputs * self.expansion

    @property
    def residual(self) -> bool:
        """Whether the input is added to the output."""
        return self.stride == 1 and self.inputs == self.channels

    def cost(self, side: float) -> tuple[float, float]:
        """Return multiply-accumulates and outputs of all layers per image pixel; the input has ``side``² of them."""
        after = side / self.stride
        expand = self.inputs * self.width * side**2 if self.expansion > 1 else 0.0
        macs = expand + (self.kernel**2 + self.channels) * self.width * after**2
        # Convolution, normalisation and ReLU6 (none after the projection) each keep their output.
        maps = 3 * self.width * (after**2 + (side**2 if self.expansion > 1 else 0.0))
        return macs, maps + (2 + self.residual) * self.channels * after**2


def _blocks() -> tuple[Block, ...]:
    found: list[Block] = []
    inputs = STEM_CHANNELS
    for expansion, kernel, stride, channels, count in STAGES:
        for index in range(count):
            found.append(Block(inputs, channels, expansion, kernel, stride if index == 0 else 1))
            inputs = channels
    return tuple(found)


BLOCKS = _blocks()
"""The 16 blocks, counted over all stages."""


def nodes() -> dict[str, str]:
    """Return ``{canonical layer: module}``: the stem after its ReLU6, and each block with what is added to it."""
    return {"stem": "stem", **{f"block{index}": f"blocks.{index}" for index in range(len(BLOCKS))}}


@cache
def layer_costs() -> Mapping[str, LayerCost]:
    """Return the work of everything up to and including each layer, per pixel of the image."""
    side = 0.5  # the stem halves the image
    macs, maps = 27 * STEM_CHANNELS * side**2, 3 * STEM_CHANNELS * side**2
    costs = {"stem": LayerCost(macs, maps)}
    for index, block in enumerate(BLOCKS):
        more_macs, more_maps = block.cost(side)
        macs, maps, side = macs + more_macs, maps + more_maps, side / block.stride
        costs[f"block{index}"] = LayerCost(macs, maps)
    return costs


def modules() -> dict[str, tuple[str, str]]:
    """Return, for each layer with parameters, its module in ``network`` and the prefix of its keys in the file."""
    found = {"stem_conv": ("stem.conv", "_conv_stem"), "stem_bn": ("stem.bn", "_bn0")}
    for index, block in enumerate(BLOCKS):
        parts = ("expand", "depthwise", "project")
        for number, part in enumerate(parts if block.expansion > 1 else parts[1:], start=int(block.expansion == 1)):
            ours, theirs = f"blocks.{index}.{part}", f"_blocks.{index}"
            found[f"block{index}_{part}_conv"] = (f"{ours}.conv", f"{theirs}._{part}_conv")
            found[f"block{index}_{part}_bn"] = (f"{ours}.bn", f"{theirs}._bn{number}")
    head = {"head_conv": ("head.conv", "_conv_head"), "head_bn": ("head.bn", "_bn1")}
    return found | head | {"classifier": ("classifier", "_fc")}
