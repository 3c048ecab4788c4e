"""``suites/backbones.yaml``: on a machine without a network it takes the weights that are here, and says so."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from nstbench.report import build

NETWORKS = {
    "vgg19": "keras-imagenet-8bit",
    "vgg16": "random:0",
    "resnet50": "random:0",
    "inception-v3": "random:0",
    "efficientnet-lite0": "efficientnet-lite0-imagenet",
    "convnext-tiny": "random:0",
}


def test_the_plan_takes_what_is_here(nstbench: Callable) -> None:
    ended = nstbench("plan", "backbones")
    assert ended.code == 0, ended.out + ended.err
    found = dict(re.findall(r"immunohistochemistry/([\w-]+)/torch/([\w:-]+)/1", ended.out))
    assert found == NETWORKS
    assert "6 cells: 6 new" in ended.out and "referee vgg19" in ended.out


def test_pictures_that_are_too_small_for_one_network(nstbench: Callable) -> None:
    ended = nstbench("plan", "backbones", "--set", "image_size=64")
    assert "5 new" in ended.out and "1 unavailable" in ended.out
    assert "torchvision:inception_v3 needs pictures of at least 75 px a side; astronaut is 64 × 64 here" in ended.out


@pytest.mark.torch
def test_two_networks_are_run_and_ranked(nstbench: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "sheets", lambda *_: [])  # figures take longer than what is looked at
    small = ("--set", "image_size=64", "--set", "iterations=2", "--out", "out")
    ended = nstbench("run", "backbones", "--only", "*-?i*", *small)  # -lite0 and -tiny
    assert ended.code == 0, ended.out + ended.err
    text = Path("out/report.md").read_text()
    assert "Untrained: convnext-tiny has random weights" in text
    ranking = text.partition("**Ranked by style distance**")[2].partition("\n\n**")[0]
    places = re.findall(r"^\| vgg19 +\| (\d) +\| ([\w-]+) ", ranking, re.MULTILINE)
    assert [rank for rank, _ in places] == ["1", "2"]
    assert {network for _, network in places} == {"convnext-tiny", "efficientnet-lite0"}
