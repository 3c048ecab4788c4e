"""Who judges, as a plan sees it: no framework, no worker."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nstbench import api
from nstbench.execute.plan import Plan

Make = Callable[..., Plan]
SUITE = """
name: who
images: {content: {a: "skimage:astronaut"}, style: {b: "skimage:immunohistochemistry"}}
image_size: 48
backends: [torch]
backbones: {vgg19: {weights: "random:0"}}
"""


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    monkeypatch.setenv("NSTBENCH_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))  # what a user's own caches hold is no matter here
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))

    def make(referee: Any = None, **options: Any) -> Plan:
        path = tmp_path / "suite.yaml"
        path.write_text(SUITE + ("" if referee is None else f"referee: {json.dumps(referee)}\n"))
        return api.plan(path, out=tmp_path / "run", device="cpu", **options)

    return make


def titles(made: Plan) -> list[str]:
    return [judge.title for judge in made.judges if judge.label]


def test_by_default_every_trained_network_at_hand_judges_once(plan: Make) -> None:
    made = plan()
    assert "vgg19 (torch, keras-imagenet-8bit)" in titles(made)
    assert not any(title.startswith("resnet50") for title in titles(made))  # its weights are not here
    assert made.judges[0].label == "" and all(not judge.problem for judge in made.judges)
    assert titles(plan("auto")) == titles(made)


def test_none(plan: Make) -> None:
    assert plan("none").judges == plan([]).judges == ()


def test_a_referee_with_settings(plan: Make) -> None:
    wish = {"backbone": "vgg19", "backend": "tensorflow", "weights": "random:3", "style_layers": "block1_conv1"}
    (_, judge) = plan({"mine": wish}).judges
    assert judge.title == "mine (vgg19, tensorflow, random:3)"
    assert judge.style_layers == ("block1_conv1",)
    assert set(judge.layers) > {"block1_conv1", "block4_conv1"}  # StyleEval asks for its own
    assert list(judge.layers) == sorted(judge.layers)
    assert {"style_distance", "content_distance", "local_patterns"} <= {metric.name for metric in judge.metrics}
    assert judge.precision == "float64"  # StyleEval counts patches


def test_metrics_of_one_network_are_not_asked_of_another(plan: Make) -> None:
    (_, judge) = plan({"resnet50": {"weights": "random:0"}}).judges
    assert [metric.name for metric in judge.metrics] == ["style_distance", "content_distance"]
    assert judge.precision == "float32"


def test_one_that_cannot_judge_says_why(plan: Make) -> None:
    (_, judge) = plan({"vgg19": {"weights": "file:/nowhere/x.h5"}}).judges
    assert "/nowhere/x.h5 does not exist" in judge.problem
    (_, judge) = plan(["vgg19"], weights_dir="/nowhere").judges
    assert judge.problem == "--weights-dir /nowhere is not a folder."


def test_weights_to_download_are_no_problem_of_one_that_is_named(plan: Make) -> None:
    (_, judge) = plan({"resnet50": {"weights": "torchvision-imagenet1k-v1"}}).judges
    assert judge.problem == "" and judge.weights is not None and judge.weights.located.kind == "download"
