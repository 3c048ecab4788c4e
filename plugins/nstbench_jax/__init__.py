"""The JAX backend: networks of Keras 3, compiled by XLA. Importing this package imports no framework."""

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
    devices = ("cpu", "cuda")
    return [
        BackendInfo(
            "jax",
            "nstbench_jax.backend:JaxBackend",
            requires=("jax", "keras"),
            code=("nstbench_keras",),
            frameworks=("jax", "jaxlib", "keras"),
            devices=devices,
            precisions={"float32": devices, "tf32": ("cuda",)},
        )
    ]


@hookimpl
def nstbench_backbones() -> Iterable[BackboneInfo]:
    """Announce the networks."""
    return backbones("jax")


@hookimpl
def nstbench_backbone_families() -> Iterable[BackboneFamily]:
    """Announce every network of ``keras.applications``."""
    return [family("jax")]
