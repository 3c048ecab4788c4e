from __future__ import annotations

from collections.abc import Callable

import pytest

from nstbench.errors import SuiteError
from nstbench.suite import Suite

Make = Callable[..., Suite]


def test_values(suite: Make) -> None:
    spec = suite(
        overrides=[
            "iterations=50",
            "backbones.vgg19.weights=random:0",
            "loss.style=[gatys, mean]",
            "optimizer={name: lbfgs}",
            "images.style.scream=the-scream.jpg",
        ]
    ).spec
    assert spec.iterations == 50
    assert spec.backbones["vgg19"].weights == "random:0"
    assert spec.loss.style == ("gatys", "mean")
    assert spec.optimizer.name == "lbfgs"
    assert list(spec.images.style) == ["ihc", "scream"]


def test_the_last_one_wins(suite: Make) -> None:
    assert suite(overrides=["seed=1", "seed=2"]).spec.seed == 2


def test_yaml_rules(suite: Make) -> None:
    assert suite(overrides=["backbones.vgg19.style_weight=1e5"]).spec.backbones["vgg19"].style_weight == 1e5


def test_before_validation(suite: Make) -> None:
    assert suite("iterations: never\n", ["iterations=3"]).spec.iterations == 3
    assert suite(text="", overrides=OVERRIDES).name == "made"


OVERRIDES = [
    "name=made",
    "images.content.a=skimage:a",
    "images.style.b={}",
    "backends=torch",
    "backbones.vgg19.weights=x",
]


def test_labels_with_dots(suite: Make, base: str) -> None:
    text = base + "  vgg19.5:\n    {backbone: vgg19, weights: x}\n"
    spec = suite(text=text, overrides=["backbones.vgg19.5.weights=y", "backbones.vgg19.weights=z"]).spec
    assert (spec.backbones["vgg19.5"].weights, spec.backbones["vgg19"].weights) == ("y", "z")


def test_items_of_lists(suite: Make) -> None:
    spec = suite(overrides=["backbones.vgg19.style_layers.1=block3_conv1", "backends.0=tensorflow"]).spec
    assert spec.backbones["vgg19"].style_layers == ("block1_conv1", "block3_conv1")
    assert spec.backends == ("tensorflow", "tensorflow")


def test_an_alias_elsewhere_keeps_its_value(suite: Make, base: str) -> None:
    text = base.replace("  vgg19:", "  vgg19: &vgg", 1) + "  second: *vgg\n"
    spec = suite(text=text, overrides=["backbones.second.weights=y"]).spec
    assert (spec.backbones["vgg19"].weights, spec.backbones["second"].weights) == ("keras-imagenet-8bit", "y")


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("iterations=yes", "--set iterations: must be a whole number"),
        ("iteration=5", "--set iteration: 'iteration' is not a key of a suite; did you mean 'iterations'?"),
        ("backbone.vgg19.weights=x", "--set backbone.vgg19.weights: 'backbone' is not a key of a suite; did you mean"),
        ("optimizer.beta1=1", "--set optimizer.beta1: must be"),
        ("name.x=1", "--set name.x: 'x' lies inside 'small', which has no keys"),
        ("backends.2=x", "--set backends.2: '2' is not a position in this list; known: 0, 1"),
        ("iterations", "--set iterations: write PATH=VALUE"),
        ("=5", "write PATH=VALUE"),
        ("a..b=5", "write PATH=VALUE"),
        ("seed={a: 1, a: 2}", "--set seed: the key 'a' is given twice"),
        ("seed=!foo 1", "--set seed: the tag '!foo'"),
        ("seed=[", "--set seed: this is not YAML"),
        ("seed=", "--set seed: must be a whole number from 0 to 4294967295, or a list of them, not nothing"),
        ("seed=\x00", "--set seed: the text contains characters"),
        ("a." * 5000 + "a=1", "more than 50 parts"),
        ("seed=" + "[" * 5000, "nested more than"),
    ],
)
def test_refused(suite: Make, assignment: str, message: str) -> None:
    with pytest.raises(SuiteError) as caught:
        suite(overrides=[assignment])
    assert message in str(caught.value)
    assert str(caught.value).startswith("--set ")
    assert len(str(caught.value)) < 500


def test_deep_paths_never_recurse_too_far(suite: Make) -> None:
    deep = "iterations." + "a." * 45 + "a"
    with pytest.raises(SuiteError, match="not a mapping"):
        suite(overrides=[f"{deep}={'[' * 50}{']' * 50}"])
