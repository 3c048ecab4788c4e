"""Group the cells that are to run into jobs."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from nstbench.execute.jobs import Job, JobCell, Picture, shared_layers
from nstbench.execute.plan import Plan, PlannedCell
from nstbench.execute.sources import image_sha256
from nstbench.results.folder import RunFolder

__all__ = ["make_jobs", "threads_per_worker"]


def threads_per_worker(plan: Plan) -> int:
    """Return the suite's ``threads``, else the cores this process may use, shared among the workers."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return plan.suite.spec.threads or max(1, cores // plan.options.jobs)


def make_jobs(plan: Plan, cells: Sequence[PlannedCell], weights: Mapping[tuple[str, str], Path]) -> list[Job]:
    """Return the jobs of ``cells``, in the order of the grid.

    ``weights`` maps (backbone, weights) to the canonical file.
    """
    groups: dict[tuple[str, ...], list[PlannedCell]] = {}
    for one in cells:
        groups.setdefault(_job_key(one), []).append(one)
    return [_job(plan, key, group, weights) for key, group in groups.items()]


def _job_key(one: PlannedCell) -> tuple[str, ...]:
    name = one.weights.info.name if one.weights else ""
    return (one.cell.backend, one.cell.backbone, name, one.device, one.cell.precision)


def _job(
    plan: Plan, key: tuple[str, ...], group: Sequence[PlannedCell], weights: Mapping[tuple[str, str], Path]
) -> Job:
    backend, backbone, name, device, precision = key
    info = plan.catalogue.backbones[backend, backbone]
    used = {("content", one.cell.content_loss) for one in group} | {("style", one.cell.style_loss) for one in group}
    return Job(
        name=_job_name(key),
        backend=plan.catalogue.backends[backend],
        backbone=info,
        weights=name,
        weights_path=str(weights[backbone, name]),
        losses={f"{role}:{loss}": plan.catalogue.losses[role, loss].target for role, loss in sorted(used)},
        device=device,
        threads=threads_per_worker(plan),
        precision=precision,
        cells=tuple(_job_cell(plan, one) for one in group),
    )


def _job_name(key: tuple[str, ...]) -> str:
    """Return a name for the job's files: readable, and no other key's."""
    backend, backbone, weights, device, _ = key
    name = "-".join([backend, backbone, *weights.split("/")[-1].split(":"), device.replace(":", "")])
    return f"{name}-{hashlib.sha256(weights.encode()).hexdigest()[:8]}" if "/" in weights else name


def _job_cell(plan: Plan, one: PlannedCell) -> JobCell:
    cell = one.cell
    backbone = plan.catalogue.backbones[cell.backend, cell.backbone]
    folder = RunFolder(plan.folder.path.absolute())
    pictures = {
        role: Picture(name, str(folder.input(name, cell.image_size)), image_sha256(plan.sources.image(role, name)))
        for role, name in (("content", cell.content), ("style", cell.style))
    }
    return JobCell(
        id=cell.id,
        cell=cell,
        step_layers=shared_layers(cell, plan.grid, backbone),
        content=pictures["content"],
        style=pictures["style"],
        folder=str(folder.cell(cell.id)),
        probed=one.probed,
    )
