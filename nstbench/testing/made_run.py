"""A small run that nobody ran: the runner's own plan and writers, with made-up losses and texts that bite."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from nstbench.execute.jobs import JobCell, Picture
from nstbench.execute.manifest import manifest_of
from nstbench.execute.options import Options
from nstbench.execute.outputs import write_outputs
from nstbench.execute.plan import Plan, PlannedCell, make_plan
from nstbench.execute.prepare import prepare_pictures, write_pictures
from nstbench.execute.recording import Recorder
from nstbench.images.prepare import Prepared
from nstbench.plugin import Catalogue
from nstbench.plugin.descriptors import BackboneInfo, BackendInfo
from nstbench.plugin.discovery import Discovery
from nstbench.plugin.target import load_target
from nstbench.results import RunFolder, Status, append, write_manifest
from nstbench.suite import Cell, Suite, parse_suite
from nstbench.transfer.builtin import nstbench_losses
from nstbench.transfer.objective import Objective, TermWeights
from nstbench.transfer.problem import Outcome

__all__ = ["HOSTILE", "MIXED", "NOTHING_OK", "NOTHING_RUN", "TAG", "Fate", "made_run"]

Fate = Literal["ok", "pictureless", "crashed", "waiting"]

MIXED: tuple[Fate, ...] = ("ok", "pictureless", "crashed", "ok")
NOTHING_OK: tuple[Fate, ...] = ("crashed", "crashed", "crashed", "waiting")
NOTHING_RUN: tuple[Fate, ...] = ("waiting",) * 4
"""What becomes of the four cells of a run."""

TAG = "bitten"
HOSTILE = f"""'"></script><{TAG}>&amp;</{TAG}> \\ {{x}} %s | $y_1$ שלום عالم ☃ 🎨"""
"""A text that leaves attributes, scripts and elements of HTML, and starts a ``TAG``, wherever it is not escaped."""
SIZE = 32
STEPS = 5
LAYERS = ("conv1", "conv2", HOSTILE.replace(" ", "_"))


def made_run(path: Path, fates: Sequence[Fate] = MIXED) -> RunFolder:
    """Write a run of four cells of 32 px, one of them with a hostile label, into a new folder, and return it.

    There is no report yet. Raises ``NstbenchError`` where pictures cannot be had or the folder cannot be written.
    """
    plan = make_plan(_suite(path), Options(out=path, device="cpu", command=f"nstbench run {HOSTILE}"), _catalogue())
    plan.folder.create()
    pictures = prepare_pictures(plan, [one.cell for one in plan.cells])
    write_pictures(pictures, plan.folder)
    write_manifest(plan.folder, manifest_of(plan))
    recorder = Recorder(plan, threads=1)
    for planned, fate in zip(plan.cells, fates, strict=True):
        if fate != "waiting":
            record = recorder.record(planned, _fields(plan, planned, fate, pictures), job="made")
            last = planned is plan.cells[-1]
            append(plan.folder, msgspec.structs.replace(record, label=HOSTILE) if last else record)
        if fate == "pictureless":
            plan.folder.image(planned.cell.id).unlink()
    return plan.folder


def _fields(plan: Plan, planned: PlannedCell, fate: Fate, pictures: dict[tuple[str, int], Prepared]) -> dict[str, Any]:
    """Write a cell's files, and return what its worker would say of it."""
    if fate == "crashed":
        return {"status": Status.CRASHED, "reason": f"signal 11 (segmentation fault)\n{HOSTILE}"}
    cell, folder = planned.cell, plan.folder
    content, style = pictures[cell.content, SIZE], pictures[cell.style, SIZE]
    named = [
        Picture(name, str(folder.input(name, SIZE)), pictures[name, SIZE].sha256) for name in (cell.content, cell.style)
    ]
    job = JobCell(
        id=cell.id,
        cell=cell,
        step_layers=cell.style_layers,
        content=named[0],
        style=named[1],
        folder=str(folder.cell(cell.id)),
    )
    objective, terms = _objective(plan, cell)
    outcome = _outcome(objective, content.array, seed=len(cell.style_layers))
    start = content.array.astype(np.float32)
    times = {"load_s": 1.5, "first_step_s": 0.25, "step_ms_median": 12.5, "optimise_s": 0.0625, "elapsed_s": 2.0}
    return times | write_outputs(job, objective, terms, outcome, start, content.array, style.array)


def _objective(plan: Plan, cell: Cell) -> tuple[Objective, TermWeights]:
    losses = plan.catalogue.losses
    formulas = [load_target(losses[key].target) for key in (("content", cell.content_loss), ("style", cell.style_loss))]
    terms = TermWeights(cell.content_layers, cell.style_layers, cell.content_weight, cell.style_weight)
    return Objective(cell.content_layers, cell.style_layers, *formulas), terms


def _outcome(objective: Objective, content: NDArray[np.uint8], seed: int) -> Outcome:
    """Return pictures of seeded noise on the content, and losses that halve with every step."""
    image = content + np.random.RandomState(seed).normal(0.0, 40.0, content.shape)
    losses = np.outer(0.5 ** np.arange(STEPS + 1.0), np.arange(1.0, len(objective.columns) + 1.0))
    losses[:, 0] = losses[:, 1] + losses[:, 2]
    return Outcome(image, image, best_iteration=STEPS, losses=losses, evaluations=STEPS + 1)


def _catalogue() -> Catalogue:
    """Return one backend with one network, neither of which is ever opened, and nstbench's own losses."""
    catalogue = Catalogue(Discovery())
    catalogue.backends["made"] = BackendInfo("made", "nstbench.testing:none")
    catalogue.losses.update({(info.role, info.name): info for info in nstbench_losses()})
    catalogue.backbones.announced["made", "made-up"] = BackboneInfo(
        "made-up",
        "nstbench.testing:none",
        backend="made",
        layers={layer: layer for layer in LAYERS},
        content_layers=LAYERS[:1],
        style_layers=LAYERS,
        weights=("random",),
    )
    return catalogue


def _suite(path: Path) -> Suite:
    credit = {"title": HOSTILE, "author": HOSTILE, "license": "public domain"}
    network = {"weights": "random:0", "style_layers": [[LAYERS[0]], [LAYERS[1]], list(LAYERS[:2]), list(LAYERS)]}
    suite = {
        "name": "made-up",
        "images": {
            "content": {"astronaut": {"path": "skimage:astronaut"} | credit},
            "style": {"immunohistochemistry": "skimage:immunohistochemistry"},
        },
        "image_size": SIZE,
        "backends": ["made"],
        "backbones": {"made-up": network},
        "iterations": STEPS,
        "referee": "none",
    }
    return parse_suite(json.dumps(suite, indent=1, ensure_ascii=False), path / "suite.yaml")
