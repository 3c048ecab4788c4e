"""The PyTorch backend and its backbones. Importing this package imports no framework."""

from __future__ import annotations

from collections.abc import Iterable

from nstbench.plugin.descriptors import BackboneFamily, BackboneInfo, BackendInfo, WeightsInfo
from nstbench.plugin.markers import hookimpl
from nstbench_torch.backbones import BACKBONES, FAMILIES, WEIGHTS

__all__ = ["nstbench_backbone_families", "nstbench_backbones", "nstbench_backends", "nstbench_weights"]


@hookimpl
def nstbench_backends() -> Iterable[BackendInfo]:
    """Announce the backend."""
    packages = ("torch", "torchvision")
    target = "nstbench_torch.backend:TorchBackend"
    devices = ("cpu", "cuda")
    precisions = {"float32": devices, "tf32": ("cuda",), "bf16": devices, "winograd": ("cpu",)}
    return [
        BackendInfo("torch", target, requires=packages, frameworks=packages, devices=devices, precisions=precisions)
    ]


@hookimpl
def nstbench_backbones() -> Iterable[BackboneInfo]:
    """Announce the networks."""
    return BACKBONES


@hookimpl
def nstbench_backbone_families() -> Iterable[BackboneFamily]:
    """Announce every classification network of torchvision."""
    return FAMILIES


@hookimpl
def nstbench_weights() -> Iterable[WeightsInfo]:
    """Announce the published weights this package can read."""
    return WEIGHTS
