"""Records and run folders, small and plain."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from nstbench.results import CellEntry, Manifest, Record, RunFolder, Status

MakeRecord = Callable[..., Record]


def _record(cell: str = "a", **changes: object) -> Record:
    fields: dict[str, object] = {
        "cell": cell,
        "content": "photo",
        "style": "print",
        "backbone": "vgg19",
        "label": "vgg19",
        "backend": "torch",
        "weights": "keras-imagenet-8bit",
        "layer_set": "1",
        "content_layers": "block5_conv2",
        "style_layers": "block1_conv1",
        "style_loss": "mean",
        "content_loss": "mean",
        "content_weight": 1e5,
        "style_weight": 1e-2,
        "total_variation_weight": 0.0,
        "optimizer": "adam",
        "iterations": 3,
        "init": "content",
        "seed": 0,
        "image_size": 128,
        "precision": "float32",
        "status": Status.OK,
    }
    return Record(**(fields | changes))


@pytest.fixture
def make_record() -> MakeRecord:
    return _record


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    made = RunFolder(tmp_path / "run")
    made.create()
    return made


@pytest.fixture
def manifest() -> Manifest:
    cells = tuple(CellEntry(id=name, title=f"photo/print/{name}") for name in "abc")
    return Manifest(name="t", nstbench="0.1.0", created="2024-01-01T00:00:00Z", command="nstbench run t", cells=cells)
