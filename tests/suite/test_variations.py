"""Cells of one title are told apart by what differs, and by nothing else."""

from __future__ import annotations

import msgspec
import pytest

from nstbench.suite import Cell, Optimizer, select, variations

ADAM = Optimizer(name="adam", learning_rate=1.0, beta1=0.9, beta2=0.999, epsilon=1e-8, epsilon_placement="pytorch")
CELL = Cell(
    content="c",
    style="s",
    label="vgg19",
    backbone="vgg19",
    backend="torch",
    weights=("random:0",),
    layer_set="1",
    content_layers=("block5_conv2",),
    style_layers=("block1_conv1",),
    content_loss="mean",
    style_loss="mean",
    content_weight=1.0,
    style_weight=1.0,
    total_variation_weight=0.0,
    optimizer=ADAM,
    iterations=1,
    init="content",
    seed=0,
    image_size=64,
)


def but(**changes: object) -> Cell:
    return msgspec.structs.replace(CELL, **changes)


def test_alone_it_needs_no_more_than_its_title() -> None:
    assert set(variations([CELL, but(backend="tensorflow")]).values()) == {""}


@pytest.mark.parametrize(
    ("other", "texts"),
    [
        (but(seed=1), ["seed=0", "seed=1"]),
        (but(style_loss="gatys", seed=1), ["style_loss=mean seed=0", "style_loss=gatys seed=1"]),
        (but(style_weight=1e-2), ["style_weight=1", "style_weight=0.01"]),
        (
            but(optimizer=msgspec.structs.replace(ADAM, learning_rate=5.0)),
            ["learning_rate=1", "learning_rate=5"],
        ),
    ],
)
def test_what_differs_is_named(other: Cell, texts: list[str]) -> None:
    assert list(variations([CELL, other]).values()) == texts


def test_another_optimiser_has_none_of_the_settings() -> None:
    text = variations([CELL, but(optimizer=Optimizer(name="lbfgs"))])
    assert next(iter(text.values())).startswith("optimizer=adam learning_rate=1 ")
    assert list(text.values())[1].startswith("optimizer=lbfgs learning_rate=- ")


def test_only_matches_any_name_in_the_order_of_preference() -> None:
    cell = but(weights=("keras-imagenet", "keras-imagenet-8bit"))
    assert select([cell], "keras-imagenet-8bit") == select([cell], "keras-imagenet") == (cell,)


def test_a_users_own_file_is_named_without_its_folder() -> None:
    assert but(weights=("file:/home/me/own.pth",)).title == "c/s/vgg19/torch/file:own.pth/1"
