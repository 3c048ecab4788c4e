"""VGG19 and ResNet50 of ``torchvision.models``, filled from canonical tensors; imported by workers only."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from nstbench.errors import WeightsError
from nstbench.plugin.descriptors import ParameterCounts
from nstbench.weights.architecture import NETWORKS
from nstbench.weights.weight_set import WeightSet
from nstbench_torch.imports import import_torchvision
from nstbench_torch.layers import modules
from nstbench_torch.library import lean

__all__ = ["build_resnet50", "build_vgg19", "count_parameters"]

PARAMETERS = {
    "kernel": "weight",
    "bias": "bias",
    "gamma": "weight",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
}


def build_vgg19(weights: WeightSet) -> nn.Module:
    """Return VGG19 without its classifier, frozen; input (batch, 3, height, width), already preprocessed.

    Raises ``WeightsError`` if a tensor is missing or does not fit.
    """
    model = _stock("vgg19")
    model.classifier = nn.Identity()
    return _filled(model, "vgg19", weights)


def build_resnet50(weights: WeightSet) -> nn.Module:
    """Return ResNet50 without its classifier, frozen, in the variant the weights belong to.

    Input (batch, 3, height, width), already preprocessed. Raises ``WeightsError`` if a tensor is missing or does not
    fit, or if the variant is unknown.
    """
    model = _stock("resnet50")
    model.fc = nn.Identity()
    if weights.architecture == "keras":
        _make_version_1(model)
    elif weights.architecture != "torchvision":
        raise WeightsError(f"resnet50 has no architecture {weights.architecture!r}, only 'keras' and 'torchvision'.")
    return _filled(model, "resnet50", weights)


def count_parameters(backbone: str) -> ParameterCounts | None:
    """Count torchvision's own model, classifier included, without allocating it.

    None for a network that the library is not known to have.
    """
    if backbone not in NETWORKS:
        return None
    total = sum(parameter.numel() for parameter in _stock(backbone).parameters())
    return ParameterCounts(total, total, 0)


def _stock(backbone: str) -> Any:
    """Return the library's model without memory for its parameters."""
    models = import_torchvision("torchvision.models")
    return lean(lambda: getattr(models, backbone)(weights=None))


def _make_version_1(model: Any) -> None:
    """Make torchvision's ResNet50 (v1.5) Keras' (v1): stride on the first 1x1, biases, Keras' epsilon."""
    for stage in (model.layer2, model.layer3, model.layer4):
        stage[0].conv1.stride, stage[0].conv2.stride = (2, 2), (1, 1)
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            module.bias = nn.Parameter(torch.empty(module.out_channels, device="meta"))
        if isinstance(module, nn.BatchNorm2d):
            module.eps = 1.001e-5


def _filled(model: nn.Module, backbone: str, weights: WeightSet) -> nn.Module:
    try:
        model.load_state_dict(_state(model, backbone, weights), assign=True)
    except RuntimeError as error:
        reason = " ".join(str(error).split())[:200]
        raise WeightsError(f"the weights {weights.name} do not fit {backbone}: {reason}") from error
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.inplace = False  # an in-place ReLU overwrites the layer below it, which may be tapped
    return model.eval().requires_grad_(False)


def _state(model: nn.Module, backbone: str, weights: WeightSet) -> dict[str, torch.Tensor]:
    """Translate names and layouts; the counters of training steps are torchvision's alone."""
    counters = [name for name, _ in model.named_buffers() if name.endswith("num_batches_tracked")]
    state = {name: torch.tensor(0) for name in counters}
    prefixes = modules(backbone)
    for name, values in weights.tensors.items():
        layer, _, parameter = name.partition("/")
        if layer in prefixes:
            tensor = torch.tensor(values)
            tensor = tensor.permute(3, 2, 0, 1).contiguous() if tensor.ndim == 4 else tensor
            state[f"{prefixes[layer]}.{PARAMETERS[parameter]}"] = tensor
    return state
