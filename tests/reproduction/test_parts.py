"""Which runs a machine makes, and one of them for real, cut short."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
from PIL import Image

from nstbench.execute.runner import Watcher
from nstbench.reproduction import parts
from nstbench.reproduction.parts import PARTS, Part, parts_here, run_part, weights_missing
from nstbench.results import RunFolder, read_records
from nstbench.suite import load_suite


@pytest.fixture
def images(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for seed, name in enumerate(("sea-link", "starry-night")):
        pixels = np.random.default_rng(seed).integers(0, 256, (48, 64, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{name}.png")
    return folder


@pytest.mark.parametrize("gpu", [True, False])
def test_every_row_of_both_networks_on_both_backends(monkeypatch: pytest.MonkeyPatch, gpu: bool) -> None:
    monkeypatch.setattr(parts, "has_nvidia", lambda: gpu)
    here = parts_here()
    covered = [(p.network, p.backend, row) for p in here if p.style_weight is None for row in p.rows]
    grid = [(n, b, row) for n in ("vgg19", "resnet50") for b in ("torch", "tensorflow") for row in range(1, 6)]
    assert sorted(covered) == sorted(grid)
    assert set(here) <= set(PARTS)
    assert {p.image_size for p in here if p.style_weight is None} == ({512} if gpu else {128, 256})


def test_absent_weights_are_said_and_not_fetched(images: Path, tmp_path: Path) -> None:
    empty = tmp_path / "weights"
    empty.mkdir()
    said = weights_missing(Part("resnet50", "torch", 256), images, empty)
    assert "keras-imagenet for resnet50" in said and "--weights-dir" in said
    assert weights_missing(Part("vgg19", "torch", 256), images, empty) == ""


@pytest.mark.torch
def test_a_part_is_run_and_published_without_pictures(
    images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = [*Part("vgg19", "torch", 48, (2,)).overrides, "iterations=3"]
    monkeypatch.setattr(parts, "load_suite", lambda name, _: load_suite(name, short))
    code = run_part(
        Part("vgg19", "torch", 48, (2,)), tmp_path / "work", tmp_path / "stored", images, None, Mock(Watcher)
    )
    folder = RunFolder(tmp_path / "stored" / "vgg19-torch-48")
    assert code == 0 and folder.is_frozen()
    [record] = read_records(folder)
    assert record.layer_set == "2" and folder.trace(record.cell).is_file()
    assert not list(folder.path.rglob("*.png"))


def test_a_missing_folder_is_one_sentence(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "nstbench.reproduction", "run", "--images-dir", str(tmp_path / "nowhere")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=tmp_path)
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert "nowhere" in done.stderr
