"""EfficientNet-Lite0 in PyTorch, filled from canonical tensors; imported by workers only.

The weights are a conversion of TensorFlow's, and so are the conventions: padding, epsilon, and grey levels as
(x - 127) / 128. The file names none of them, but its running statistics tell: over eleven real pictures, the mean
squared distance of a channel's mean from the stored one, in stored standard deviations, is 0.025; it is 0.033 with
symmetric padding, 0.029 with PyTorch's epsilon and 0.106 with ImageNet's mean and deviation.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from nstbench.errors import WeightsError
from nstbench.weights import WeightSet
from nstbench_efficientnet_lite.architecture import BLOCKS, HEAD_CHANNELS, STEM_CHANNELS, Block, modules

__all__ = ["EfficientNetLite0", "build"]

EPSILON = 1e-3
"""TensorFlow's for these models."""
PARAMETERS = {
    "kernel": "weight",
    "bias": "bias",
    "gamma": "weight",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
}


class ConvNorm(nn.Module):
    """Convolution without bias, padded as TensorFlow's ``same``, batch normalisation, and ReLU6 unless ``linear``."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int = 1, stride: int = 1, groups: int = 1, linear: bool = False
    ) -> None:
        super().__init__()
        self.kernel, self.stride = kernel, stride
        padding = kernel // 2 if stride == 1 else 0
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, padding, groups=groups, bias=False)
        self.bn = nn.BatchNorm2d(outputs, eps=EPSILON)
        self.activation: nn.Module = nn.Identity() if linear else nn.ReLU6()

    def forward(self, x: Tensor) -> Tensor:
        """Return (batch, outputs, height, width) divided by the stride, rounded up."""
        if self.stride == 2:
            x = functional.pad(x, (*self._padding(x.shape[-1]), *self._padding(x.shape[-2])))
        result: Tensor = self.activation(self.bn(self.conv(x)))
        return result

    def _padding(self, size: int) -> tuple[int, int]:
        """What a stride of 2 needs before and after ``size`` pixels; of an odd sum, TensorFlow has more after."""
        total = self.kernel - 2 + size % 2
        return total // 2, total - total // 2


class InvertedResidual(nn.Module):
    """One block; see ``architecture.Block``."""

    def __init__(self, block: Block) -> None:
        super().__init__()
        width = block.width
        self.expand = ConvNorm(block.inputs, width) if block.expansion > 1 else nn.Identity()
        self.depthwise = ConvNorm(width, width, block.kernel, block.stride, groups=width)
        self.project = ConvNorm(width, block.channels, linear=True)
        self.residual = block.residual

    def forward(self, x: Tensor) -> Tensor:
        """Return (batch, channels, height, width)."""
        result: Tensor = self.project(self.depthwise(self.expand(x)))
        return result + x if self.residual else result


class EfficientNetLite0(nn.Module):
    """The whole network: from (batch, 3, height, width), preprocessed, to logits (batch, 1000)."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = ConvNorm(3, STEM_CHANNELS, kernel=3, stride=2)
        self.blocks = nn.Sequential(*[InvertedResidual(block) for block in BLOCKS])
        self.head = ConvNorm(BLOCKS[-1].channels, HEAD_CHANNELS)
        self.classifier = nn.Linear(HEAD_CHANNELS, 1000)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits of ImageNet's classes."""
        logits: Tensor = self.classifier(self.head(self.blocks(self.stem(x))).mean((2, 3)))
        return logits


def build(weights: WeightSet) -> EfficientNetLite0:
    """Return the network with these weights, frozen. Raises ``WeightsError`` if they do not fit."""
    with torch.device("meta"):
        network = EfficientNetLite0()
    try:
        network.load_state_dict(_state(network, weights), assign=True)
    except RuntimeError as error:
        reason = " ".join(str(error).split())[:200]
        raise WeightsError(f"the weights {weights.name} do not fit efficientnet-lite0: {reason}") from error
    return network.eval().requires_grad_(False)


def _state(network: nn.Module, weights: WeightSet) -> dict[str, Tensor]:
    """Translate names, and layouts from Keras' (height, width, in, out) and (in, out)."""
    state = {name: torch.tensor(0) for name, _ in network.named_buffers() if name.endswith("num_batches_tracked")}
    places = modules()
    for name, values in weights.tensors.items():
        layer, _, parameter = name.partition("/")
        if layer in places:
            state[f"{places[layer][0]}.{PARAMETERS[parameter]}"] = _torch_layout(torch.tensor(values))
    return state


def _torch_layout(tensor: Tensor) -> Tensor:
    order = {4: (3, 2, 0, 1), 2: (1, 0)}.get(tensor.ndim)
    return tensor if order is None else tensor.permute(order).contiguous()
