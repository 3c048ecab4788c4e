"""Prepare the work: nstbench plans it as any suite; pictures, weights and job files go into one folder for all."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import msgspec
import numpy as np

from contest.arithmetic import convolutions
from contestants.ceiling import SHAPES
from contestants.work import Work, write_work
from nstbench.execute.options import Options
from nstbench.execute.plan import Plan, make_plan
from nstbench.execute.prepare import convert_weights, prepare_pictures, write_pictures
from nstbench.execute.schedule import make_jobs
from nstbench.suite import Cell, parse_suite
from nstbench.weights import load_weight_set

__all__ = ["CHECK", "STYLE_LAYERS", "WORK", "Setting", "prepare", "suite_text"]

WORK = "work.json"
CHECK = "check.json"
STYLE_LAYERS = ("block1_conv1", "block2_conv1", "block3_conv1", "block4_conv1", "block5_conv1")

_SUITE = """
name: {name}
images:
  content: {{content: "{content}"}}
  style: {{style: "{style}"}}
image_size: {size}
backends: {backends}
backbones:
  vgg19:
    weights: keras-imagenet-8bit
    content_layers: [block5_conv2]
    style_layers: {style_layers}
    content_weight: 1.0e+3
    style_weight: {style_weights}
loss: {{content: mean, style: mean}}
optimizer: {{name: adam, learning_rate: 1, beta1: 0.9, beta2: 0.999, epsilon: 1.0e-8, epsilon_placement: pytorch}}
iterations: {iterations}
init: content
batch: {batch}
referee: none
threads: {threads}
precision: {precisions}
"""
"""The quickstart's layers and weights, with the one Adam that every peer has (torch's own settings)."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What is the same for everybody: size in px of the longer side, threads, pictures; by default the quickstart's.

    ``layers`` is how many of the style layers count, the first ones. ``cells`` of one grid differ in the weight of
    style; ``batch`` of them are optimised together.
    """

    size: int
    threads: int
    content: str = "skimage:astronaut"
    style: str = "skimage:immunohistochemistry"
    layers: int = len(STYLE_LAYERS)
    cells: int = 1
    batch: int = 1
    iterations: int = 1_000_000
    backends: tuple[str, ...] = ("torch", "tensorflow")
    precisions: tuple[str, ...] = ("float32", "winograd")


def suite_text(setting: Setting, name: str = "peers") -> str:
    """Return the suite: JSON's lists are YAML, too."""
    weights = [1e-2 * (1 + i) for i in range(setting.cells)]
    lists = {
        "backends": json.dumps(setting.backends),
        "precisions": json.dumps(setting.precisions),
        "style_layers": json.dumps(STYLE_LAYERS[: setting.layers]),
        "style_weights": json.dumps(weights),
    }
    return _SUITE.format(**asdict(setting) | lists, name=name)


def prepare(setting: Setting, folder: Path) -> Work:
    """Write everything that contestants read into ``folder``; return the work.

    Raises ``nstbench.errors.NstbenchError`` if pictures or weights are not to be had.
    """
    suite = parse_suite(suite_text(setting), folder / "peers.yaml")
    plan = make_plan(suite, Options(out=folder / "run", device="cpu"))
    cells = [one for one in plan.cells if one.runs]
    paths, pictures = convert_weights(cells), prepare_pictures(plan, [one.cell for one in cells])
    plan.folder.create()
    write_pictures(pictures, plan.folder)
    jobs = {}
    for job in make_jobs(plan, cells, paths):
        path = folder / f"job-{job.backend.name}-{job.precision}.json"
        path.write_bytes(msgspec.json.encode(job))
        jobs[f"{job.backend.name}/{job.precision}"] = str(path)
    weights = load_weight_set(next(iter(paths.values())))
    np.savez(folder / "vgg19.npz", **weights.tensors)  # type: ignore[arg-type]
    work = _work(plan, cells[0].cell, folder, jobs, weights.preprocessing.mean)
    write_work(folder / WORK, work)
    write_work(folder / CHECK, replace(work, check=True))
    _write_shapes(folder / SHAPES, work.height, work.width, work.layers)
    return work


def _work(plan: Plan, cell: Cell, folder: Path, jobs: dict[str, str], mean: tuple[float, float, float]) -> Work:
    content, style = (plan.folder.input(name, cell.image_size).absolute() for name in (cell.content, cell.style))
    height, width = _size(content)
    adam = cell.optimizer
    return Work(
        content=str(content),
        style=str(style),
        weights=str(folder / "vgg19.npz"),
        folder=str(folder),
        jobs=jobs,
        content_layer=cell.content_layers[0],
        style_layers=cell.style_layers,
        content_weight=cell.content_weight,
        style_weight=cell.style_weight,
        learning_rate=adam.learning_rate or 0.0,
        betas=(adam.beta1 or 0.0, adam.beta2 or 0.0),
        epsilon=adam.epsilon or 0.0,
        mean=mean,
        threads=plan.suite.spec.threads or 1,
        height=height,
        width=width,
    )


def _size(picture: Path) -> tuple[int, int]:
    from PIL import Image

    with Image.open(picture) as image:
        return image.height, image.width


def _write_shapes(path: Path, height: int, width: int, wanted: Sequence[str]) -> None:
    shapes = [asdict(shape) | {"macs": shape.macs} for shape in convolutions(height, width, wanted)]
    path.write_text(json.dumps(shapes), encoding="utf-8")
