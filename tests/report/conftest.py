"""A run as the runner leaves it: two networks, two backends, five layer sets, some of them failed."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image

from nstbench.plugin import Catalogue
from nstbench.plugin.descriptors import ReporterInfo
from nstbench.plugin.discovery import Discovery
from nstbench.report import build
from nstbench.report.contents import Report
from nstbench.report.grid import make_grid
from nstbench.report.table1_frame import table1_frame
from nstbench.results import (
    CellEntry,
    ImageEntry,
    Manifest,
    Record,
    RunFolder,
    Status,
    append,
    in_grid_order,
    read_manifest,
    read_records,
    to_frame,
    write_manifest,
)

VGG = ["block1_conv1", "block2_conv1", "block3_conv1", "block4_conv1", "block5_conv1"]
RESNET = ["conv2_block2_2_bn", "conv3_block1_0_bn", "conv3_block1_0_conv", "conv4_block1_2_bn", "conv5_block1_3_bn"]
NETWORKS = {
    "vgg19": (VGG, "keras-imagenet-8bit", 1e5, 1e-2, 143_667_240, 143_667_240),
    "resnet50": (RESNET, "random:0", 1.0, 1e5, 25_636_712, 25_583_592),
}
ITERATIONS = 30

MakeRun = Callable[..., RunFolder]


def make_record(label: str, backend: str, layers: int, **changes: object) -> Record:
    names, weights, content_weight, style_weight, total, trainable = NETWORKS[label]
    scale = (8.83e5 if label == "vgg19" else 55.0) * 1.9 ** (layers - 1) * (1.01 if backend == "torch" else 1.0)
    fields: dict[str, object] = {
        "cell": f"{label}_{backend}_{layers}",
        "content": "astronaut",
        "style": "ihc",
        "backbone": label,
        "label": label,
        "backend": backend,
        "weights": weights,
        "weights_sha256": "ab" * 32,
        "architecture": "keras",
        "comparison": "closed",
        "layer_set": str(layers),
        "content_layers": "block5_conv2" if label == "vgg19" else "conv5_block3_3_bn",
        "style_layers": " ".join(names[:layers]),
        "style_loss": "mean",
        "content_loss": "mean",
        "content_weight": content_weight,
        "style_weight": style_weight,
        "total_variation_weight": 0.0,
        "optimizer": "adam",
        "learning_rate": 5.0,
        "beta1": 0.99,
        "beta2": 0.999,
        "epsilon": 0.1,
        "epsilon_placement": "tensorflow",
        "iterations": ITERATIONS,
        "init": "content",
        "seed": 0,
        "image_size": 128,
        "height": 96,
        "width": 128,
        "device": "cpu",
        "precision": "float32",
        "threads": 2,
        "backend_version": "2.13.0" if backend == "torch" else "2.21.0",
        "status": Status.OK,
        "total": scale,
        "style_weighted": scale / 3,
        "content_weighted": scale * 2 / 3,
        "style_raw": scale / 3 / style_weight,
        "content_raw": scale * 2 / 3 / content_weight,
        "best_total": scale * (0.8 if layers == 3 else 0.99),
        "best_iteration": 0 if (label, layers) == ("resnet50", 2) else 25,
        "initial_total": scale * 40,
        "ssim_content": 0.612345,
        "ssim_style": 0.123456,
        "load_s": 1.25 if layers == 1 else None,
        "first_step_s": 2.125 if layers == 1 else None,
        "step_ms_median": 210.5,
        "step_ms_p90": 250.0,
        "optimise_s": 6.3125,
        "iterations_per_s": 4.75,
        "peak_memory_mb": 812.5,
        "parameters_total": total,
        "parameters_trainable": trainable,
        "parameters_non_trainable": total - trainable,
        "started": "2024-05-01T12:00:00Z",
    }
    return Record(**(fields | changes))


def failed(record: Record, status: Status, reason: str) -> Record:
    measured = [name for name in Record.__struct_fields__ if name.endswith(("_s", "_mb", "total")) or "ssim" in name]
    nothing = dict.fromkeys((*measured, "style_weighted", "content_weighted", "best_iteration", "comparison"))
    return msgspec.structs.replace(record, status=status, reason=reason, **nothing)


def full_grid() -> list[Record]:
    """20 cells: 16 ok, one each of oom, crashed, skipped and unavailable."""
    grid = [(label, backend, n) for label in NETWORKS for backend in ("torch", "tensorflow") for n in range(1, 6)]
    records = {place: make_record(*place) for place in grid}
    for place, status, reason in [
        (("vgg19", "tensorflow", 4), Status.OOM, "the process was ended by the system: out of memory at 31.2 GB"),
        (("resnet50", "torch", 2), Status.CRASHED, "signal 11 (segmentation fault) | while\nin `step` <b>7</b> " * 30),
        (("resnet50", "tensorflow", 5), Status.SKIPPED, "the suite narrows resnet50 to torch for this layer set"),
        (("vgg19", "torch", 5), Status.UNAVAILABLE, "weights not found; put the file into --weights-dir"),
    ]:
        records[place] = failed(records[place], status, reason)
    return list(records.values())


def picture(seed: int, size: tuple[int, int] = (128, 96)) -> Image.Image:
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 256, (6, 8, 3), dtype=np.uint8)
    smooth = np.asarray(Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC), dtype=np.int16)
    grain = random.integers(-25, 26, smooth.shape)
    return Image.fromarray(np.clip(smooth + grain, 0, 255).astype(np.uint8))


def write_cell(folder: RunFolder, record: Record, seed: int) -> None:
    folder.cell(record.cell).mkdir(parents=True, exist_ok=True)
    picture(seed, (record.width or 128, record.height or 96)).save(folder.image(record.cell))
    start, end = record.initial_total or 1.0, record.total or 1.0
    totals = [end + (start - end) * np.exp(-i / 6) * (1 + 0.1 * np.sin(i)) for i in range(record.iterations + 1)]
    lines = [f"{i},{total!r},{total / 3!r},{total * 2 / 3!r}" for i, total in enumerate(map(float, totals))]
    folder.trace(record.cell).write_text("\n".join(["iteration,total,style,content", *lines, ""]))


def make_manifest(records: Sequence[Record], **changes: object) -> Manifest:
    fields: dict[str, object] = {
        "name": "quickstart",
        "nstbench": "0.1.0",
        "created": "2024-05-01T12:00:00Z",
        "command": "nstbench run quickstart --out reports/quickstart",
        "suite_text": "name: quickstart\n# a comment with ``` in it\niterations: 30\n",
        "overrides": ("iterations=30",),
        "cells": tuple(CellEntry(id=each.cell, title=f"astronaut/ihc/{each.cell}") for each in records),
        "environment": {"python": "3.11.7", "cpu": {"model": "Some | CPU", "cores": 2}, "torch": "2.13.0"},
        "plugins": ({"plugin": "torch", "distribution": "nstbench", "version": "0.1.0"},),
        "images": {
            "astronaut": ImageEntry(title="Eileen Collins", author="NASA", license="public domain", sha256="cd" * 32),
            "ihc": ImageEntry(source="skimage:immunohistochemistry"),
        },
    }
    return Manifest(**(fields | changes))


def write_run(path: Path, records: Sequence[Record], **changes: object) -> RunFolder:
    folder = RunFolder(path)
    folder.create()
    write_manifest(folder, make_manifest(records, **changes))
    folder.inputs.mkdir(exist_ok=True)
    picture(1000).save(folder.input("astronaut", 128))
    picture(1001, (128, 128)).save(folder.input("ihc", 128))
    for seed, record in enumerate(records):
        append(folder, record)
        if record.status is Status.OK:
            write_cell(folder, record, seed)
    return folder


@pytest.fixture
def make_run(tmp_path: Path) -> MakeRun:
    def make(records: Sequence[Record], name: str = "run", **changes: object) -> RunFolder:
        return write_run(tmp_path / name, records, **changes)

    return make


@pytest.fixture
def records() -> list[Record]:
    return full_grid()


@pytest.fixture
def run(make_run: MakeRun, records: list[Record]) -> RunFolder:
    return make_run(records)


@pytest.fixture
def without_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Build reports without figures, which take longer than all the rest; for tests that look at none."""
    monkeypatch.setattr(build, "sheets", lambda *_: [])


@pytest.fixture
def report(make_run, records):
    folder = make_run(records[:4])
    manifest = read_manifest(folder)
    stored = in_grid_order(manifest, read_records(folder))
    grid = make_grid(stored)
    return Report(folder, manifest, grid, to_frame(stored), table1_frame(grid), [], [])


@pytest.fixture
def announce(monkeypatch):
    """Return what makes a catalogue of reporters, each of a plugin of its own, from functions by name."""

    def make(*, requires=(), files=None, **functions):
        monkeypatch.setitem(sys.modules, "nst_reporting", types.SimpleNamespace(**functions))
        catalogue = Catalogue(Discovery())
        for name in functions:
            own = files or (f"{name}.html", name)
            catalogue.reporters[name] = ReporterInfo(name, f"nst_reporting:{name}", files=own, requires=requires)
            catalogue.owners["reporters", name] = f"my-{name}"
        return catalogue

    return make


def returning(contents):
    return lambda run: contents


def files(report):
    """Return every file of the run by its path, with its contents."""
    root = report.folder.path
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
