"""Group the cells that are to run into jobs."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from nstbench.errors import ImageError
from nstbench.execute.batches import batches
from nstbench.execute.jobs import JobCell, Picture, StyliseJob, picture_names, start_name
from nstbench.execute.plan import Plan, PlannedCell
from nstbench.execute.sources import image_sha256
from nstbench.execute.steps import Steps
from nstbench.measure.environment import usable_cores
from nstbench.suite import Cell

__all__ = ["input_picture", "job_order", "make_jobs", "order_seed", "threads_per_worker"]


def threads_per_worker(plan: Plan) -> int:
    """Return the suite's ``threads``, else the cores this process may use, shared among the workers."""
    return plan.suite.spec.threads or max(1, usable_cores() // plan.options.jobs)


def make_jobs(plan: Plan, cells: Sequence[PlannedCell], weights: Mapping[tuple[str, str], Path]) -> list[StyliseJob]:
    """Return the jobs of ``cells``: in the order of the grid, or, where cells are repeated, in that of ``job_order``.

    ``weights`` maps (backbone, weights) to the canonical file.
    """
    groups, steps, together = _groups(plan, cells), Steps.of(plan.grid, plan.catalogue.backbones), batches(plan)
    jobs = [_job(plan, key, groups[key], weights, steps) for key in _ordered(plan, groups)]
    return [_batched(plan, job, together, steps) for job in jobs]


def order_seed(plan: Plan) -> int | None:
    """Return the seed of the order of jobs, the first of the suite's seeds; None where nothing is repeated."""
    spec = plan.suite.spec
    if spec.repeats == 1:
        return None
    return spec.seed if isinstance(spec.seed, int) else spec.seed[0]


def job_order(plan: Plan) -> tuple[str, ...]:
    """Return the names of the jobs of all chosen cells that can run, done ones included, in the order they run in."""
    cells = [one for one in plan.cells if one.weights is not None]
    return tuple(_job_name(key) for key in _ordered(plan, _groups(plan, cells)))


def _groups(plan: Plan, cells: Sequence[PlannedCell]) -> dict[tuple[str, ...], list[PlannedCell]]:
    groups: dict[tuple[str, ...], list[PlannedCell]] = {}
    for one in cells:
        groups.setdefault(_job_key(one, repeated=plan.suite.spec.repeats > 1), []).append(one)
    return groups


def _ordered(plan: Plan, keys: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Shuffle jobs over repeats, backends and backbones, so that drift of the machine favours none of them.

    The order is that of a hash of seed and job, so a run that continues keeps the order of what is left.
    """
    seed = order_seed(plan)
    if seed is None:
        return list(keys)
    return sorted(keys, key=lambda key: hashlib.sha256(f"{seed}:{_job_name(key)}".encode()).digest())


def _job_key(one: PlannedCell, *, repeated: bool) -> tuple[str, ...]:
    """Return what the cells of a job share; with repeats also which it is, so that each has a fresh process."""
    name = one.weights.info.name if one.weights else ""
    repeat = str(one.cell.repeat) if repeated else ""
    return (one.cell.backend, one.cell.backbone, name, one.device, one.cell.precision, repeat)


def _job(
    plan: Plan,
    key: tuple[str, ...],
    group: Sequence[PlannedCell],
    weights: Mapping[tuple[str, str], Path],
    steps: Steps,
) -> StyliseJob:
    backend, backbone, name, device, precision, _ = key
    info = plan.catalogue.backbones[backend, backbone]
    used = {("content", one.cell.content_loss) for one in group} | {("style", one.cell.style_loss) for one in group}
    return StyliseJob(
        name=_job_name(key),
        backend=plan.catalogue.backends[backend],
        backbone=info,
        weights=name,
        weights_path=str(weights[backbone, name]),
        losses={f"{role}:{loss}": plan.catalogue.losses[role, loss].target for role, loss in sorted(used)},
        relative=tuple(f"{role}:{loss}" for role, loss in sorted(used) if plan.catalogue.losses[role, loss].relative),
        device=device,
        threads=threads_per_worker(plan),
        precision=precision,
        cells=tuple(_job_cell(plan, one.cell, steps, probed=one.probed) for one in group),
        snapshots=plan.suite.spec.snapshots,
    )


def _job_name(key: tuple[str, ...]) -> str:
    """Return a name for the job's files: readable, and no other key's."""
    backend, backbone, weights, device, precision, repeat = key
    name = "-".join([backend, backbone, *weights.split("/")[-1].split(":"), device.replace(":", "")])
    name += "" if precision == "float32" else f"-{precision}"
    name += f"-repeat{repeat}" if repeat else ""
    return f"{name}-{hashlib.sha256(weights.encode()).hexdigest()[:8]}" if "/" in weights else name


def _batched(plan: Plan, job: StyliseJob, together: Sequence[tuple[Cell, ...]], steps: Steps) -> StyliseJob:
    """Return the job with the batches that its cells belong to, and the companions whose pictures are here."""
    cells = {one.cell for one in job.cells}
    own = [batch for batch in together if cells.intersection(batch)]
    others = [_companion(plan, cell, steps) for batch in own for cell in batch if cell not in cells]
    return msgspec.structs.replace(
        job,
        companions=tuple(one for one in others if one is not None),
        batches=tuple(tuple(cell.id for cell in batch) for batch in own),
    )


def _companion(plan: Plan, cell: Cell, steps: Steps) -> JobCell | None:
    """Return a cell that only makes a batch whole; None where its pictures are not to be had, which costs nothing."""
    if not all(plan.folder.input(name, cell.image_size).is_file() for name in picture_names(cell)):
        return None
    with contextlib.suppress(ImageError):
        return _job_cell(plan, cell, steps)
    return None


def _job_cell(plan: Plan, cell: Cell, steps: Steps, *, probed: bool = False) -> JobCell:
    return JobCell(
        id=cell.id,
        cell=cell,
        step_layers=steps.layers(cell),
        content=input_picture(plan, "content", cell),
        style=input_picture(plan, "style", cell),
        folder=str(plan.folder.cell(cell.id).absolute()),
        probed=probed,
        start=_start(plan, cell),
    )


def _start(plan: Plan, cell: Cell) -> Picture | None:
    located = plan.sources.start(cell)
    if located is None:
        return None
    path = plan.folder.input(start_name(cell), cell.image_size).absolute()
    return Picture(located.name, str(path), image_sha256(located))


def input_picture(plan: Plan, role: str, cell: Cell) -> Picture:
    """Return a cell's content or style picture (``role``) as it lies in the run folder."""
    name = str(getattr(cell, role))
    path = plan.folder.input(name, cell.image_size).absolute()
    return Picture(name, str(path), image_sha256(plan.sources.image(role, name)))
