"""The TensorFlow backend and its backbones. Importing this package imports no framework."""

from __future__ import annotations

from collections.abc import Iterable

from nstbench_keras.applications import family
from nstbench_keras.backbones import WEIGHTS, backbones

from nstbench.plugin.descriptors import BackboneFamily, BackboneInfo, BackendInfo, WeightsInfo
from nstbench.plugin.markers import hookimpl

__all__ = ["nstbench_backbones", "nstbench_backends", "nstbench_weights"]


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


@hookimpl
def nstbench_weights() -> Iterable[WeightsInfo]:
    """Announce the published weights this package can read."""
    return WEIGHTS
