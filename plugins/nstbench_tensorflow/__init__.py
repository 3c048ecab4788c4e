"""The TensorFlow backend and its backbones. Importing this package imports no framework."""

from __future__ import annotations

from collections.abc import Iterable

from nstbench_keras.applications import family
from nstbench_keras.backbones import backbones

from nstbench.plugin.descriptors import BackboneFamily, BackboneInfo, BackendInfo
from nstbench.plugin.markers import hookimpl

__all__ = ["nstbench_backbone_families", "nstbench_backbones", "nstbench_backends"]


@hookimpl
def nstbench_backends() -> Iterable[BackendInfo]:
    """Announce the backend."""
    packages = ("tensorflow", "keras")
    target = "nstbench_tensorflow.backend:TensorFlowBackend"
    devices = ("cpu", "cuda")
    precisions = {"float32": devices, "tf32": ("cuda",)}
    return [
        BackendInfo(
            "tensorflow",
            target,
            requires=packages,
            code=("nstbench_keras",),
            frameworks=packages,
            devices=devices,
            precisions=precisions,
        )
    ]


@hookimpl
def nstbench_backbones() -> Iterable[BackboneInfo]:
    """Announce the networks."""
    return backbones("tensorflow")


@hookimpl
def nstbench_backbone_families() -> Iterable[BackboneFamily]:
    """Announce every network of ``keras.applications``."""
    return [family("tensorflow")]
