"""The report's own experiment, on a machine that has neither its pictures nor its weights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

IMAGES = ("sea-link", "starry-night", "krishna", "pillars-of-creation", "the-scream")
SUITES = ("report", "report-as-printed")


@pytest.mark.parametrize("name", SUITES)
def test_the_plan_lists_what_is_missing(name: str, nstbench: Callable, here: Path) -> None:
    ended = nstbench("plan", name)
    assert (ended.code, ended.err) == (2, "")
    missing = [line for line in ended.out.splitlines() if line.startswith("missing: ")]
    for image in IMAGES:
        [line] = [line for line in missing if f"image {image}" in line]
        assert f"{image}.jpg" in line and "--images-dir" in line
    assert "80 cells: 80 missing" in ended.out
    assert not list(here.iterdir())


@pytest.mark.parametrize("name", SUITES)
def test_a_run_says_it_once_each_and_does_nothing(name: str, refused: Callable) -> None:
    lines = refused("run", name).splitlines()
    for image in IMAGES:
        assert sum(f"image {image}" in line for line in lines) == 1
    assert all("Put " in line or "--images-dir" in line or "--weights-dir" in line for line in lines)
    for backbone in ("vgg19", "resnet50"):
        assert sum(f"keras-imagenet for {backbone}" in line for line in lines) == 1


def test_only_what_is_asked_for_is_missing(refused: Callable) -> None:
    said = refused("run", "report", "--only", "*starry-night/vgg19*")
    assert "starry-night" in said and "sea-link" in said and "for vgg19" in said
    assert "krishna" not in said and "resnet50" not in said


def test_with_pictures_in_a_folder(nstbench: Callable) -> None:
    folder = Path("pictures")
    folder.mkdir()
    for i, name in enumerate(("sea-link", "starry-night")):
        picture = np.random.default_rng(i).integers(0, 256, (48, 64, 3), dtype=np.uint8)
        Image.fromarray(picture).save(folder / f"{name}.png")
    options = ("--only", "*starry-night/vgg19*", "--set", "backbones.vgg19.weights=keras-imagenet-8bit")
    sizes = ("--set", "image_size=128", "--set", "iterations=20", "--images-dir", folder)
    ended = nstbench("plan", "report", *options, *sizes)
    assert ended.code == 0, ended.out + ended.err
    assert "10 cells: 10 new" in ended.out
    assert "missing" not in ended.out and "download" not in ended.out


def test_a_folder_of_pictures_that_is_not_there(refused: Callable) -> None:
    said = refused("run", "report", "--images-dir", "nowhere")
    assert sum("nowhere" in line for line in said.splitlines()) == 1
