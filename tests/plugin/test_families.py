"""Families of networks: nothing is opened before a name asks for it, and a bad one costs nobody else anything."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from nstbench.plugin import load_catalogue
from nstbench.testing.conformance import check_plugin

Install = Callable[..., Path]

PLUGIN = """
from nstbench import hookimpl
from nstbench.plugin.descriptors import BackboneFamily

@hookimpl
def nstbench_backbone_families():
    return [BackboneFamily("zoo", "nst_zoo.animals:networks", backend="BACKEND")]
"""
ANIMALS = """
from nstbench.plugin.descriptors import BackboneInfo, Preprocessing, WeightsFile

def animal(name, **changed):
    said = {"backend": "torch", "layers": {"stem": "0", "top": "2"}, "content_layers": ("top",),
            "style_layers": ("stem", "top"), "weights": ("torchvision-imagenet1k-v1", "random"),
            "files": {"torchvision-imagenet1k-v1": WeightsFile("own.pth")}, "tensors": "nst_zoo.animals:tensors",
            "preprocessing": Preprocessing("RGB", (1, 2, 3))} | changed
    return BackboneInfo(name, "nst_zoo.animals:build", **said)

class Zoo(dict):
    def __getitem__(self, name):
        if name == "zoo:lion":
            raise OSError("it is out")
        return super().__getitem__(name)

def networks():
    print("opened")
    return Zoo({"zoo:cat": animal("zoo:cat"), "zoo:dog": animal("zoo:wolf"), "zoo:lion": None,
                "zoo:fish": animal("zoo:fish", content_layers=("fin",))})

def tensors(backbone):
    from nstbench.weights import Initial
    return {"0.weight": Initial((4, 3, 3, 3), limit=0.5), "0.bias": Initial((4,), fill=2.0)}
"""


@pytest.fixture
def zoo(install: Install) -> Callable[..., None]:
    def add(animals: str = ANIMALS, backend: str = "torch") -> None:
        package = install("nst_zoo", PLUGIN.replace("BACKEND", backend), point="zoo")
        (package / "animals.py").write_text(animals)

    return add


def test_nothing_is_opened_before_it_is_asked_for(zoo: Callable[..., None], capsys: pytest.CaptureFixture) -> None:
    zoo()
    catalogue = load_catalogue()
    assert catalogue.backbones["torch", "vgg19"].name == "vgg19"
    assert ("torch", "zoo:cat") not in catalogue.backbones.announced
    assert "opened" not in capsys.readouterr().err
    assert catalogue.backbones["torch", "zoo:cat"].style_layers == ("stem", "top")
    assert capsys.readouterr().err == "opened\n"  # and not on standard output, which may be JSON
    assert catalogue.owner("backbones", ("torch", "zoo:cat")) == "zoo"
    assert catalogue.provider("backbones", ("torch", "zoo:cat")).distribution == "nst-zoo"
    assert ("torch", "zoo:mouse") not in catalogue.backbones
    assert catalogue.problems == []


@pytest.mark.parametrize(
    ("name", "message"),
    [("zoo:dog", "calls itself 'zoo:wolf'"), ("zoo:lion", "it is out"), ("zoo:fish", "'fin' of 'zoo:fish'")],
)
def test_a_bad_member_is_left_out(zoo: Callable[..., None], name: str, message: str) -> None:
    zoo()
    catalogue = load_catalogue()
    assert catalogue.backbones.get(("torch", name)) is None
    [problem] = catalogue.problems
    assert (problem.plugin, problem.stage) == ("zoo", "family zoo") and message in problem.error
    assert catalogue.backbones.get(("torch", "zoo:cat")) is not None


@pytest.mark.parametrize(
    ("animals", "message"),
    [
        ("def networks():\n    raise SystemExit(3)\n", "SystemExit: 3"),
        ("def networks():\n    return ['zoo:cat']\n", "must return a mapping of names"),
        ("", "cannot load 'nst_zoo.animals:networks'"),
        ("import nowhere\n", "No module named 'nowhere'"),
    ],
)
def test_a_family_that_cannot_be_opened(zoo: Callable[..., None], animals: str, message: str) -> None:
    zoo(animals)
    catalogue = load_catalogue()
    assert catalogue.backbones.get(("torch", "zoo:cat")) is None
    assert catalogue.backbones.get(("torch", "zoo:dog")) is None
    assert [message in problem.error for problem in catalogue.problems] == [True]  # once


def test_a_family_of_no_backend(zoo: Callable[..., None]) -> None:
    zoo(backend="abacus")
    [problem] = load_catalogue().problems
    assert "family 'zoo' is for backend 'abacus'" in problem.error


def test_a_network_brings_files_preprocessing_and_random_weights(zoo: Callable[..., None]) -> None:
    zoo()
    code = """
import json
from nstbench.plugin import load_catalogue
from nstbench.weights import canonicalise, load_weight_set, locate, weights_info
catalogue = load_catalogue()
info = catalogue.backbones["torch", "zoo:cat"]
published = weights_info("torchvision-imagenet1k-v1", catalogue.weights, info)
drawn = weights_info("random:7", catalogue.weights, info)
made = load_weight_set(canonicalise(locate(drawn, info.name), drawn, info.name)[0])
again = load_weight_set(canonicalise(locate(drawn, info.name), drawn, info.name)[0])
kernel = made.tensors["0.weight"]
print(json.dumps([published.files["zoo:cat"].filename, published.preprocessing.mean, made.backbone, made.architecture,
    made.preprocessing.mean, made.tensors["0.bias"].tolist(), float(abs(kernel).max()), float(kernel.std()),
    bool((kernel == again.tensors["0.weight"]).all())]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    file, mean, backbone, architecture, own, bias, most, deviation, same = json.loads(done.stdout)
    assert (file, mean, backbone, architecture, own) == ("own.pth", [1, 2, 3], "zoo:cat", "zoo", [1, 2, 3])
    assert bias == [2.0] * 4 and 0.4 < most <= 0.5 and 0.2 < deviation < 0.4 and same


def test_the_kit_looks_at_every_member(zoo: Callable[..., None]) -> None:
    zoo()
    [descriptor] = check_plugin("zoo", only=["descriptor"])
    assert descriptor.status == "fail"
    for text in ("calls itself 'zoo:wolf'", "it is out", "'fin' of 'zoo:fish'"):
        assert text in descriptor.message


def test_a_family_that_imports_a_framework_to_be_listed(zoo: Callable[..., None], site: Path) -> None:
    (site / "timm.py").write_text("")
    zoo("import timm\n" + ANIMALS.replace('"zoo:lion": None,', ""))
    [imports] = check_plugin("zoo", only=["import"])
    assert imports.status == "fail" and "imports timm" in imports.message


def test_the_command_lists_members_by_pattern(zoo: Callable[..., None]) -> None:
    zoo()
    for pattern in ("zoo:c*", "zoo:cat"):
        command = [sys.executable, "-m", "nstbench", "backbones", pattern]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
        assert "zoo:cat" in done.stdout and "vgg19" not in done.stdout
    command = [sys.executable, "-m", "nstbench", "backbones", "zoo:cta"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2 and "did you mean 'zoo:cat'" in done.stderr
