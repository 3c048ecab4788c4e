"""A wrong suite: exit code 2, the place and the remedy, and nothing on disk; `plan` and `run` say the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Refused = Callable[..., str]

BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 9)
)

CASES = {
    "misspelt key": (("iterations: 2", "iteratons: 2"), "small.yaml:14: ", "'iterations'"),
    "misspelt key inside": (("    weights:", "    wieghts:"), "small.yaml:9: ", "'weights'"),
    "duplicate key": (("iterations: 2", "iterations: 2\niterations: 3"), "small.yaml:15: ", "iterations"),
    "duplicate key inside": (("    weights: random:0", "    weights: a\n    weights: b"), ":10: ", "twice"),
    "tag": (("iterations: 2", "iterations: !count 2"), "small.yaml:14: ", "tag"),
    "tag of Python": (("small\n", "!!python/object/apply:os.system ['touch hit']\n"), "small.yaml:1: ", "tag"),
    "alias bomb": (("name: small\n", f"{BOMB}name: small\n"), "small.yaml", "10000"),
    "boolean for a number": (("iterations: 2", "iterations: true"), "small.yaml:14: ", "whole number"),
    "boolean for a weight": (("1.0e-2", "false"), "small.yaml:13: ", "number"),
    "text for a number": (("iterations: 2", "iterations: many"), "small.yaml:14: ", "whole number"),
    "yes is a text": (("iterations: 2", "iterations: yes"), "small.yaml:14: ", "whole number"),
    "a fraction of an iteration": (("iterations: 2", "iterations: 2.5"), "small.yaml:14: ", "whole number"),
    "NaN": (("1.0e-2", ".nan"), "small.yaml:13: ", "finite"),
    "infinity": (("1.0e-2", "-.inf"), "small.yaml:13: ", "finite"),
    "overflow": (("1.0e-2", "1e999"), "small.yaml:13: ", "finite"),
    "negative weight": (("1.0e-2", "-1"), "small.yaml:13: ", "not negative"),
    "negative count": (("iterations: 2", "iterations: -2"), "small.yaml:14: ", "from 0 to"),
    "learning rate 0": (("iterations: 2", "optimizer: {learning_rate: 0}"), "small.yaml:14: ", "above 0"),
    "image size": (("image_size: 64", "image_size: 8"), "small.yaml:5: ", "16 to 8192"),
    "huge image size": (("image_size: 64", "image_size: 8193"), "small.yaml:5: ", "16 to 8192"),
    "name with a path": (("name: small", "name: ../small"), "small.yaml:1: ", "a name"),
    "name with a slash": (("name: small", "name: a/b"), "small.yaml:1: ", "a name"),
    "absolute name": (("name: small", "name: /tmp/x"), "small.yaml:1: ", "a name"),
    "image name with a path": (("chelsea:", "../chelsea:"), "small.yaml:3: ", "chelsea"),
    "label with a path": (("  vgg19:", "  ../vgg19:"), "small.yaml:8: ", "vgg19"),
    "unknown layer": (("block2_conv1]", "conv6_1]"), "small.yaml:11: vgg19 has no layer 'conv6_1'", "'block5_conv1'"),
    "unknown backend": (("tensorflow]", "tensorflw]"), "small.yaml:6: ", "did you mean 'tensorflow'?"),
    "unknown backbone": (("  vgg19:", "  vgg91:"), "small.yaml:8: ", "did you mean 'vgg19'?"),
    "unknown weights": (("random:0", "keras-imagnet"), "small.yaml:9: ", "did you mean 'keras-imagenet'?"),
    "unknown loss": (("iterations: 2", "loss: {style: mena}"), "small.yaml:14: ", "did you mean 'mean'?"),
    "unknown optimizer": (("iterations: 2", "optimizer: {name: adm}"), "small.yaml:14: ", "adam"),
    "no seed": (("random:0", "random:x"), "small.yaml:9: ", "random:0"),
    "no style": (("  style: {ihc: \"skimage:immunohistochemistry\"}\n", ""), "small.yaml:2: ", "style"),
    "no backbones": (("backbones:\n", "backbones: {}\nx:\n"), "small.yaml:", "backbones"),
    "not YAML": (("backends: [torch", "backends: [torch]]"), "small.yaml:6: ", ""),
    "tab": (("  content:", "\tcontent:"), "small.yaml:3: ", ""),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_wrong_value(case: str, write_suite: Callable[..., Path], refused: Refused) -> None:
    replaced, place, reason = CASES[case]
    suite = write_suite(replaced)
    said = refused("plan", suite)
    assert place in said and reason in said
    assert len(said.splitlines()) == 1
    assert refused("run", suite) == said
    assert not Path("hit").exists()


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "null\n", "[]\n", "just text\n", "5\n", "{}\n"])
def test_an_empty_suite(text: str, write_suite: Callable[..., Path], refused: Refused) -> None:
    assert "small.yaml" in refused("run", write_suite(text=text))


@pytest.mark.parametrize("data", [b"\xff\xfe\x00name", b"name: \xe9\n", b"\x00" * 50, b"name: x\n" * 200_000])
def test_no_text(data: bytes, refused: Refused) -> None:
    Path("small.yaml").write_bytes(data)
    assert "small.yaml" in refused("run", "small.yaml")


def test_values_are_not_printed_whole(write_suite: Callable[..., Path], refused: Refused) -> None:
    said = refused("plan", write_suite(("iterations: 2", f"iterations: {'secret ' * 400}")))
    assert len(said) < 300


@pytest.mark.parametrize("source", ["nowhere.yaml", "quickstrat", "", "x" * 5000, "a/b/c", "/proc/self/mem"])
def test_no_such_suite(source: str, refused: Refused) -> None:
    refused("run", source)


def test_a_misspelt_packaged_suite(refused: Refused) -> None:
    assert "did you mean 'quickstart'?" in refused("run", "quickstrat")


def test_a_folder_is_no_suite(refused: Refused) -> None:
    Path("folder").mkdir()
    assert "folder is a folder" in refused("run", "folder")


@pytest.mark.parametrize(
    ("assignment", "reason"),
    [
        ("iteratons=3", "'iterations'"),
        ("optimizer.beta=0.5", "did you mean 'beta"),
        ("backbones.vgg19.weights.x=1", "has no keys"),
        ("backbones.vgg91.weights=random:0", "vgg91"),
        ("backends.7=torch", "'7'"),
        ("iterations", "PATH=VALUE"),
        ("=3", "PATH=VALUE"),
        ("a..b=3", "PATH=VALUE"),
        ("iterations=many", "whole number"),
        ("iterations=.nan", "--set iterations"),
        ("iterations=[1", "--set iterations"),
        ("name=../x", "--set name"),
        ("backbones.vgg19.style_layers=[conv6_1]", "'conv6_1'"),
    ],
)
def test_a_wrong_override(assignment: str, reason: str, refused: Refused, write_suite: Callable[..., Path]) -> None:
    said = refused("plan", write_suite(), "--set", assignment)
    assert reason in said and "--set" in said


@pytest.mark.parametrize("pattern", ["vgg16*", "[", "chelsea//", "*/tensorflow/torch", "VGG19"])
def test_only_nothing(pattern: str, refused: Refused, write_suite: Callable[..., Path]) -> None:
    said = refused("run", write_suite(), "--only", pattern)
    assert "--only" in said and "chelsea/ihc/vgg19/torch/random:0/1" in said
