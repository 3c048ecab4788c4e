"""A run folder of any number of records, as the runner would leave it: everything a report shows, nothing computed."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nstbench.files import file_sha256, write_text
from nstbench.images.write import save_png
from nstbench.results import (
    CellEntry,
    Manifest,
    MetricEntry,
    Record,
    RefereeEntry,
    RunFolder,
    Score,
    Status,
    append,
    append_score,
    write_manifest,
)

__all__ = ["ITERATIONS", "PER_PAIR", "make_run"]

ITERATIONS = 300
_SIZE = (128, 96)
_LAYERS = tuple(f"block{number}_conv1" for number in range(1, 6))
_NETWORKS = (
    ("vgg19", "torch", "keras-imagenet-8bit"),
    ("vgg19", "tensorflow", "keras-imagenet-8bit"),
    ("efficientnet-lite0", "torch", "efficientnet-lite0-imagenet"),
    ("resnet50", "torch", "random:0"),
    ("resnet50", "tensorflow", "random:0"),
)
_SETS, _RATIOS = (3, 5), (1e-4, 1e-2, 1.0, 1e2)
PER_PAIR = len(_NETWORKS) * len(_SETS) * len(_RATIOS)
"""Cells of one content and style picture: networks, layer sets, and ratios enough for a trade-off."""

_REFEREES = tuple(
    RefereeEntry(label=name, backbone=name, backend="torch", weights="w", style_layers=_LAYERS, content_layers=("c",))
    for name in ("vgg19", "efficientnet-lite0")
)
_METRICS = tuple(
    MetricEntry(name=name, kind=kind, unit="ratio", direction="lower", meaning="made up", source="nobody")
    for name, kind in (("style_distance", "features"), ("content_distance", "features"), ("edges", "picture"))
)


def make_run(path: Path, count: int) -> RunFolder:
    """Write a run of ``count`` records into an empty or new folder; one in twenty failed.

    Raises ``RunError`` where the folder holds something else or cannot be written.
    """
    folder = RunFolder(path)
    folder.create()
    records = list(itertools.islice(_records(), count))
    cells = tuple(CellEntry(id=record.cell, title=record.cell) for record in records)
    manifest = Manifest(
        name="made-up",
        nstbench="0",
        created="2024-05-01T12:00:00Z",
        command="nstbench run made-up",
        cells=cells,
        referees=_REFEREES,
        metrics=_METRICS,
    )
    write_manifest(folder, manifest)
    for record in records:
        append(folder, record)
        if record.status is Status.OK:
            _write_cell(folder, record)
    return folder


def _records() -> Iterator[Record]:
    for pair in itertools.count():
        points = itertools.product(_SETS, _RATIOS, _NETWORKS)
        yield from (_record(pair, number, *point) for number, point in enumerate(points))


def _record(pair: int, number: int, layers: int, ratio: float, network: tuple[str, str, str]) -> Record:
    label, backend, weights = network
    random = np.random.default_rng((pair, number))
    failed = random.random() < 0.05
    return Record(
        cell=f"{label}_{backend}_{layers}_{ratio:g}_{pair}", content=f"content-{pair}", style=f"style-{pair}",
        backbone=label, label=label, backend=backend, weights=weights, weights_sha256="ab" * 32, layer_set=str(layers),
        content_layers="block5_conv2", style_layers=" ".join(_LAYERS[:layers]), style_loss="mean", content_loss="mean",
        content_weight=ratio, style_weight=1.0, total_variation_weight=0.0, optimizer="adam", learning_rate=5.0,
        beta1=0.99, beta2=0.999, epsilon=0.1, epsilon_placement="tensorflow", iterations=ITERATIONS, init="content",
        seed=0, image_size=_SIZE[0], width=_SIZE[0], height=_SIZE[1], device="cpu", precision="float32", threads=2,
        backend_version="0", started="2024-05-01T12:00:00Z", parameters_total=143_667_240,
        status=Status.OOM if failed else Status.OK, reason="out of memory at 31.2 GB" if failed else "",
        **({} if failed else _measured(random, ratio)),
    )  # fmt: skip


def _measured(random: np.random.Generator, ratio: float) -> dict[str, Any]:
    style, content = (float(value) for value in random.uniform(1e4, 1e6, 2))
    return {
        "total": style + content, "style_weighted": style, "content_weighted": content, "style_raw": style,
        "content_raw": content, "best_total": style + content, "best_iteration": ITERATIONS,
        "initial_total": 40 * (style + content), "relative_total": 1 / 40, "late_fall": 0.01, "moved": 20.0,
        "clipped": 0.001, "ssim_content": float(0.3 + 0.08 * np.log10(ratio * 1e4) + random.uniform(0, 0.1)),
        "ssim_style": 0.12, "load_s": 1.2, "first_step_s": 2.1, "step_ms_median": 210.0, "step_ms_p90": 250.0,
        "optimise_s": 63.0, "iterations_per_s": 4.7, "elapsed_s": 70.0, "peak_memory_mb": 812.0,
    }  # fmt: skip


def _write_cell(folder: RunFolder, record: Record) -> None:
    random = np.random.default_rng(sum(record.cell.encode()))
    for name in (record.content, record.style):
        if not folder.input(name, _SIZE[0]).exists():
            save_png(_picture(np.random.default_rng(sum(name.encode()))), folder.input(name, _SIZE[0]), {})
    picture = folder.image(record.cell)
    save_png(_picture(random), picture, {"cell": record.cell})
    save_png(_picture(random), folder.best_image(record.cell), {"cell": record.cell})
    write_text(folder.trace(record.cell), _trace(record, random))
    sha256 = file_sha256(picture)
    style = float((record.ssim_content or 0) ** 2 + random.uniform(0, 0.1))
    append_score(folder, Score(cell=record.cell, image_sha256=sha256, judge="", values={"edges": style}))
    for judge in _REFEREES:
        values: dict[str, float | None] = {"style_distance": style, "content_distance": 1 - style / 2}
        values |= {f"style_distance:{layer}": style for layer in judge.style_layers}
        said = Score(cell=record.cell, image_sha256=sha256, judge=judge.label, backbone=judge.backbone, values=values)
        append_score(folder, said)


def _picture(random: np.random.Generator) -> NDArray[np.float32]:
    """Return large shapes under the grain that style transfer leaves: as hard to compress as a real result."""
    coarse = Image.fromarray(random.integers(0, 256, (6, 8, 3), dtype=np.uint8))
    smooth = np.asarray(coarse.resize(_SIZE, Image.Resampling.BICUBIC), dtype=np.float32)
    return np.clip(smooth + random.normal(0, 12, smooth.shape).astype(np.float32), 0, 255)


def _trace(record: Record, random: np.random.Generator) -> str:
    names = ["iteration", "total", "style", "content", *record.style_layers.split(), record.content_layers]
    course = np.exp(-np.arange(ITERATIONS + 1) / 30) * 40 + 1 + random.normal(0, 0.01, ITERATIONS + 1)
    ends = np.array([record.total or 1.0, *random.uniform(1e3, 1e6, len(names) - 2)])
    rows = [f"{number},{','.join(map(repr, values.tolist()))}" for number, values in enumerate(np.outer(course, ends))]
    return "\n".join([",".join(names), *rows, ""])
