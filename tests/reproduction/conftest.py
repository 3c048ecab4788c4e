"""Stored runs of the reproduction, with losses that a test chooses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from nstbench.results import CellEntry, Manifest, Record, RunFolder, Status, append, write_manifest

Course = Sequence[tuple[float, float]]
"""(style, content) of the image after each step."""


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    return tmp_path / "reproduction"


@pytest.fixture
def store(stored: Path) -> Callable[..., None]:
    """Write the run folder of one part: rows by their number."""

    def write(name: str, rows: dict[int, Course], *, status: Status = Status.OK, **changes: object) -> None:
        network, backend, size = name.split("-")[:3]
        folder = RunFolder(stored / name)
        folder.create()
        cells = tuple(CellEntry(id=f"{network}_{row}", title=f"a/b/{network}/{backend}/w/{row}") for row in rows)
        write_manifest(folder, Manifest(name="reproduction", nstbench="0", created="", command="", cells=cells))
        for row, course in rows.items():
            append(folder, _record(network, backend, int(size), row, status, changes))
            lines = [f"{i},{style + content},{style},{content}" for i, (style, content) in enumerate(course)]
            folder.trace(f"{network}_{row}").parent.mkdir(parents=True)
            folder.trace(f"{network}_{row}").write_text("\n".join(["iteration,total,style,content", *lines]) + "\n")

    return write


def _record(network: str, backend: str, size: int, row: int, status: Status, changes: dict[str, object]) -> Record:
    fields: dict[str, object] = {
        "cell": f"{network}_{row}",
        "content": "sea-link",
        "style": "starry-night",
        "backbone": network,
        "label": network,
        "backend": backend,
        "weights": "keras-imagenet-8bit",
        "layer_set": str(row),
        "content_layers": "block5_conv2",
        "style_layers": "block1_conv1",
        "style_loss": "mean",
        "content_loss": "mean",
        "content_weight": 1e5,
        "style_weight": 1e-2,
        "total_variation_weight": 0.0,
        "optimizer": "adam",
        "iterations": 1000,
        "init": "content",
        "seed": 0,
        "image_size": size,
        "height": 145,
        "width": 256,
        "precision": "float32",
        "status": status,
    }
    return Record(**(fields | changes))
