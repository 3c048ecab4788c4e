from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from nstbench.errors import SuiteError
from nstbench.suite import Cell, Suite, expand, select
from nstbench.suite.grid import count_cells

Make = Callable[..., Suite]


def cells(suite: Suite, catalogue: Any) -> tuple[Cell, ...]:
    return expand(suite, catalogue)


def test_small(suite: Make, catalogue: Any) -> None:
    first, second = cells(suite(), catalogue)
    assert first.title == "astronaut/ihc/vgg19/torch/keras-imagenet-8bit/1"
    assert (first.backend, second.backend) == ("torch", "tensorflow")
    assert first.style_layers == ("block1_conv1", "block2_conv1")
    assert (first.content_weight, first.style_weight, first.total_variation_weight) == (1e5, 1e-2, 0.0)
    assert (first.content_loss, first.style_loss, first.skipped) == ("mean", "mean", "")
    assert (first.optimizer.name, first.optimizer.epsilon_placement) == ("adam", "pytorch")


def test_prefixes(suite: Make, catalogue: Any) -> None:
    prefixes = "{prefixes: [block1_conv1, block2_conv1, block3_conv1]}"
    grid = cells(suite(overrides=["backends=torch", f"backbones.vgg19.style_layers={prefixes}"]), catalogue)
    assert [(cell.layer_set, len(cell.style_layers)) for cell in grid] == [("1", 1), ("2", 2), ("3", 3)]
    assert grid[1].style_layers == ("block1_conv1", "block2_conv1")


def test_lists_of_layers(suite: Make, catalogue: Any) -> None:
    sets = "[[block1_conv1, block2_conv1], [block2_conv1], [block1_conv1, block2_conv1]]"
    grid = cells(suite(overrides=["backends=torch", f"backbones.vgg19.style_layers={sets}"]), catalogue)
    assert [cell.style_layers for cell in grid] == [("block1_conv1", "block2_conv1"), ("block2_conv1",)]
    scalar = cells(suite(overrides=["backends=torch", "backbones.vgg19.style_layers=block1_conv1"]), catalogue)
    assert [cell.style_layers for cell in scalar] == [("block1_conv1",)]


def test_defaults_come_from_the_backbone(suite: Make, catalogue: Any, base: str) -> None:
    text = base.split("    content_layers")[0]
    for backends in ("torch", "[tensorflow, torch]"):
        cell = cells(suite(text=text, overrides=[f"backends={backends}"]), catalogue)[0]
        assert (cell.content_layers, cell.content_weight, cell.style_weight) == (("block5_conv4",), 2.0, 3.0)
        assert cell.style_layers == ("block1_conv1", "block1_conv2", "block2_conv1")


def test_a_backend_without_the_backbone_keeps_its_cells(suite: Make, catalogue: Any, base: str) -> None:
    del catalogue.backbones["tensorflow", "vgg19"]
    grid = cells(suite(text=base.split("    content_layers")[0]), catalogue)
    assert [(cell.backend, cell.content_layers, cell.skipped) for cell in grid] == [
        ("torch", ("block5_conv4",), ""),
        ("tensorflow", ("block5_conv4",), ""),
    ]


def test_every_axis(suite: Make, catalogue: Any) -> None:
    axes = {
        "images.content.b": "b.jpg",
        "images.style.c": "c.jpg",
        "image_size": "[64, 128]",
        "loss": "{content: [sum, mean], style: [gatys, mean]}",
        "backbones.vgg19.content_weight": "[1, 2]",
        "backbones.vgg19.style_weight": "[1, 2]",
        "backbones.vgg19.total_variation_weight": "[0, 2]",
        "optimizer.learning_rate": "[1, 2]",
        "optimizer.beta1": "[0.5, 0.9]",
        "optimizer.beta2": "[0.5, 0.9]",
        "optimizer.epsilon": "[0, 1]",
        "optimizer.epsilon_placement": "[pytorch, tensorflow]",
        "iterations": "[0, 5]",
        "init": "[content, noise]",
        "seed": "[0, 1]",
    }
    for key, value in axes.items():
        made = suite(overrides=[f"{key}={value}"])
        factor = 4 if key == "loss" else 2
        grid = cells(made, catalogue)
        assert len(grid) == 2 * factor == count_cells(made.spec), key
        assert len({cell.id for cell in grid}) == len(grid)


def test_overrides_of_one_backbone(suite: Make, catalogue: Any, base: str) -> None:
    text = base + "  second: {backbone: vgg19, weights: random:0, loss: {style: gatys}, optimizer: {beta1: 0.5}}\n"
    made = suite("loss: {content: sum}\noptimizer: {beta2: 0.7}\n", text=text, overrides=["backends=torch"])
    grid = cells(made, catalogue)
    seen = [(c.label, c.backbone, c.content_loss, c.style_loss, c.optimizer.beta1, c.optimizer.beta2) for c in grid]
    assert seen == [
        ("vgg19", "vgg19", "sum", "mean", 0.9, 0.7),
        ("second", "vgg19", "sum", "gatys", 0.5, 0.7),
    ]


def test_what_the_suite_excludes_is_skipped(suite: Make, catalogue: Any) -> None:
    grid = cells(suite(overrides=["backbones.vgg19.backends=torch"]), catalogue)
    assert [bool(cell.skipped) for cell in grid] == [False, True]
    assert "torch only" in grid[1].skipped
    assert [cell.id for cell in grid] == [cell.id for cell in cells(suite(), catalogue)]


def test_lbfgs_has_no_adam_settings(suite: Make, catalogue: Any) -> None:
    optimizer = "optimizer={name: [adam, lbfgs], learning_rate: [1, 2, 3]}"
    grid = cells(suite(overrides=["backends=torch", optimizer]), catalogue)
    assert [(cell.optimizer.name, cell.optimizer.learning_rate) for cell in grid] == [
        ("adam", 1.0),
        ("adam", 2.0),
        ("adam", 3.0),
        ("lbfgs", None),
    ]


def test_duplicates_are_dropped(suite: Make, catalogue: Any) -> None:
    overrides = ["backends=[torch, torch]", "seed=[1, 1]", "optimizer.learning_rate=[5, 5.0]", "image_size=[64, 64]"]
    assert len(cells(suite(overrides=overrides), catalogue)) == 1


def test_order(suite: Make, catalogue: Any) -> None:
    made = suite(overrides=["image_size=[64, 32]", "seed=[1, 0]", "images.style.z={}", "images.content.a={}"])
    order = [(c.image_size, c.content, c.style, c.backend, c.seed) for c in cells(made, catalogue)]
    rank = ((64, 32), ("astronaut", "a"), ("ihc", "z"), ("torch", "tensorflow"), (1, 0))
    assert order == sorted(order, key=lambda point: [known.index(value) for known, value in zip(rank, point)])  # type: ignore[attr-defined] # noqa: B905
    assert len(order) == 32


def test_too_many_cells(suite: Make, catalogue: Any) -> None:
    seeds = f"[{', '.join(map(str, range(500)))}]"
    sizes = f"[{', '.join(map(str, range(100, 300)))}]"
    with pytest.raises(SuiteError, match=r"x\.yaml: the grid has 200000 cells, more than 100000"):
        cells(suite(overrides=[f"seed={seeds}", f"image_size={sizes}"]), catalogue)


def test_ids(suite: Make, catalogue: Any) -> None:
    grid = cells(suite(overrides=["seed=[0, 1]", "iterations=[1, 2]"]), catalogue)
    assert len({cell.id for cell in grid}) == len(grid) == 8
    for cell in grid:
        assert re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,180}", cell.id)
        assert msgspec.structs.replace(cell, skipped="because").id == cell.id
        assert msgspec.json.decode(msgspec.json.encode(cell), type=Cell).id == cell.id


def test_id_is_pinned(suite: Make, catalogue: Any) -> None:
    # Folders of existing runs carry these names: a change here makes every run start again.
    assert cells(suite(), catalogue)[0].id == "astronaut_ihc_vgg19_torch_1_97e556144e2c"


@pytest.mark.parametrize(
    ("pattern", "count"),
    [
        ("vgg19*", 2),
        ("vgg19", 2),
        ("torch", 1),
        ("*", 2),
        ("*ihc/vgg19*", 2),
        ("astronaut/*/tensorflow/*", 1),
        ("astronaut/ihc/vgg19/torch/keras-imagenet-8bit/1", 1),
        ("torch, tensorflow", 2),
        ("*/tens*,nothing", 1),
        ("keras-imagenet-8bit/1", 2),
    ],
)
def test_select(suite: Make, catalogue: Any, pattern: str, count: int) -> None:
    assert len(select(cells(suite(), catalogue), pattern)) == count


@pytest.mark.parametrize("pattern", ["vgg", "VGG19*", "ihc/torch", "", ",", "2", "x" * 1000])
def test_select_nothing(suite: Make, catalogue: Any, pattern: str) -> None:
    with pytest.raises(SuiteError, match=r"titles look like astronaut/ihc/vgg19/torch/keras-imagenet-8bit/1$"):
        select(cells(suite(), catalogue), pattern)


def test_kinds_of_total_variation_are_an_axis_where_it_weighs_something(suite: Make, catalogue: Any) -> None:
    changes = ["backends=torch", "loss={total_variation: [anisotropic, isotropic]}"]
    (without,) = cells(suite(overrides=changes), catalogue)
    assert without.total_variation_loss == "anisotropic"
    grid = cells(suite(overrides=[*changes, "backbones.vgg19.total_variation_weight=[0, 0.1]"]), catalogue)
    assert [(cell.total_variation_weight, cell.total_variation_loss) for cell in grid] == [
        (0.0, "anisotropic"),
        (0.1, "anisotropic"),
        (0.1, "isotropic"),
    ]
    own = [*changes, "backbones.vgg19.total_variation_weight=1", "backbones.vgg19.loss={total_variation: isotropic}"]
    assert [cell.total_variation_loss for cell in cells(suite(overrides=own), catalogue)] == ["isotropic"]


def test_folders_keep_the_names_they_had_before_there_were_more_settings(suite: Make, catalogue: Any) -> None:
    first = cells(suite(), catalogue)[0]
    assert first.id == "astronaut_ihc_vgg19_torch_1_97e556144e2c"
    assert msgspec.structs.replace(first, total_variation_loss="isotropic").id != first.id
    assert msgspec.structs.replace(first, skipped="not here").id == first.id
