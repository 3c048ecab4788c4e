"""Judge one picture on one backend: ``judge_on.py BACKEND CANONICAL_WEIGHTS FOLDER``; two frameworks share no process.

Writes what a worker would say, and the features it was said of, so that a test can work it out again.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from nstbench.execute.jobs import JudgeCell, JudgeJob, Picture
from nstbench.plugin import load_catalogue
from nstbench.referee.bench import Bench


def main(backend: str, weights: str, folder: Path, precision: str) -> None:
    catalogue = load_catalogue()
    backbone = catalogue.backbones[backend, "vgg19"]
    cell = JudgeCell(id="a", image=str(folder / "image.png"), **{n: picture(folder, n) for n in ("content", "style")})
    job = JudgeJob(
        name="judge-vgg19",
        judge="vgg19",
        backend=catalogue.backends[backend],
        backbone=backbone,
        weights_path=weights,
        metrics=tuple(
            metric
            for metric in catalogue.metrics.values()
            if metric.kind == "features" and (precision == "float64" or metric.precision == "float32")
        ),
        layers=tuple(layer for layer in backbone.layers if layer.endswith("_conv1") or layer == "block5_conv2"),
        content_layers=backbone.content_layers,
        style_layers=backbone.style_layers,
        device="cpu",
        threads=2,
        precision=precision,
        cells=(cell,),
    )
    bench = Bench.open(job)
    said = bench.judge(cell)
    (folder / f"{backend}-{precision}.json").write_text(json.dumps(said))
    from nstbench.images.decode import decode

    arrays = {}
    for name in ("image", "content", "style"):
        found = bench.features(decode(folder / f"{name}.png"))
        arrays |= {f"{name}:{layer}": values for layer, values in found.items()}
    np.savez(folder / f"{backend}-{precision}.npz", **arrays)


def picture(folder: Path, name: str) -> Picture:
    return Picture(name, str(folder / f"{name}.png"), "")


if __name__ == "__main__":
    for precision in ("float64", "float32"):
        main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), precision)
