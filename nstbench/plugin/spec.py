"""The hooks a plugin may implement. They collect descriptors; nothing here imports a framework."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from nstbench.plugin.descriptors import (
    BackboneFamily,
    BackboneInfo,
    BackendInfo,
    LossInfo,
    MetricInfo,
    ReporterInfo,
    WeightsInfo,
)
from nstbench.plugin.markers import hookspec

__all__ = [
    "nstbench_backbone_families",
    "nstbench_backbones",
    "nstbench_backends",
    "nstbench_cell_finished",
    "nstbench_losses",
    "nstbench_metrics",
    "nstbench_reporters",
    "nstbench_run_finished",
    "nstbench_weights",
]


@hookspec
def nstbench_backends() -> Iterable[BackendInfo]:  # type: ignore[empty-body]
    """Announce frameworks that can run the optimisation."""


@hookspec
def nstbench_backbones() -> Iterable[BackboneInfo]:  # type: ignore[empty-body]
    """Announce pretrained networks as named layers of one backend."""


@hookspec
def nstbench_backbone_families() -> Iterable[BackboneFamily]:  # type: ignore[empty-body]
    """Announce collections of networks, ``<family>:<network>``, each of which is described only when asked for."""


@hookspec
def nstbench_weights() -> Iterable[WeightsInfo]:  # type: ignore[empty-body]
    """Announce named sets of parameters and the files they are read from."""


@hookspec
def nstbench_losses() -> Iterable[LossInfo]:  # type: ignore[empty-body]
    """Announce style and content loss formulas, written once in NumPy dialect."""


@hookspec
def nstbench_metrics() -> Iterable[MetricInfo]:  # type: ignore[empty-body]
    """Announce judgements of stylised pictures, written once in NumPy."""


@hookspec
def nstbench_reporters() -> Iterable[ReporterInfo]:  # type: ignore[empty-body]
    """Announce what else is made of a run when its report is written."""


@hookspec
def nstbench_cell_finished(cell: Mapping[str, Any], record: Mapping[str, Any], run: str) -> None:
    """See one record, and the files in the run folder, as soon as they are on disk.

    What an observer raises is reported, never fatal; the run waits for it.
    """


@hookspec
def nstbench_run_finished(run: str) -> None:
    """See the run folder once its tables are written."""
