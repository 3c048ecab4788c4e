from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from nstbench.errors import SuiteError
from nstbench.images.source import as_source
from nstbench.suite import Suite, parse_suite

Make = Callable[..., Suite]
END = 13
"""The line after the small suite."""


def refusal(make: Make, *args: object, **kwargs: object) -> str:
    with pytest.raises(SuiteError) as caught:
        make(*args, **kwargs)
    return str(caught.value)


def test_defaults(suite: Make) -> None:
    spec = suite().spec
    assert (spec.image_size, spec.iterations, spec.init, spec.seed) == (512, 300, "content", 0)
    assert (spec.loss.content, spec.loss.style) == ("mean", "mean")
    assert (spec.optimizer.name, spec.optimizer.learning_rate, spec.optimizer.epsilon) == ("adam", 1.0, 1e-8)
    assert (spec.threads, spec.timeout, spec.precision) == (None, 21600.0, "float32")


def test_1e5_and_whole_numbers_are_numbers(suite: Make) -> None:
    entry = suite("optimizer: {learning_rate: 5}\n").spec
    assert entry.backbones["vgg19"].content_weight == 1e5
    assert entry.optimizer.learning_rate == 5.0
    assert isinstance(entry.optimizer.learning_rate, float)


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ("iteration: 5", "'iteration' is not a key of a suite; did you mean 'iterations'?"),
        ("optimizer: {learning_rat: 5}", "'learning_rat' is not a key of optimizer; did you mean 'learning_rate'?"),
        ("zzz: 5", "'zzz' is not a key of a suite; known: backbones, backends, "),
        (
            "iterations: yes",
            "iterations: must be a whole number from 0 to 1000000, or a list of them, not 'yes' (text)",
        ),
        ("iterations: '5'", "not '5' (text)"),
        ("iterations: true", "not true (a boolean)"),
        ("iterations: -1", "not -1"),
        ("iterations: 1.5", "not 1.5"),
        ("iterations: 1000001", "not 1000001"),
        ("iterations: []", "not an empty list"),
        ("iterations:", "not nothing"),
        ("iterations: {a: 1}", "not a mapping"),
        ("iterations: [5, false]", "not false (a boolean)"),
        ("image_size: 15", "image_size: must be a whole number from 16 to 8192, or a list of them, not 15"),
        ("image_size: 8193", "not 8193"),
        ("image_size: true", "not true"),
        ("seed: -1", "not -1"),
        ("seed: 4294967296", "not 4294967296"),
        ("threads: 0", "threads: must be a whole number from 1"),
        ("threads: true", "not true"),
        ("timeout: 0", "timeout: must be a number of seconds above 0"),
        ("timeout: forever", "not 'forever'"),
        ("precision: float64", "precision: must be float32"),
        ("init: nois", "did you mean 'noise'?"),
        (
            "optimizer: {name: adm}",
            "optimizer.name: must be adam or lbfgs, or a list of them, not 'adm' (text); did you",
        ),
        ("optimizer: {learning_rate: 0}", "optimizer.learning_rate: must be a number above 0"),
        ("optimizer: {learning_rate: true}", "not true"),
        ("optimizer: {learning_rate: '5'}", "not '5' (text)"),
        ("optimizer: {beta1: 1}", "optimizer.beta1: must be a number from 0 up to, not including, 1"),
        ("optimizer: {beta2: -0.1}", "optimizer.beta2"),
        ("optimizer: {epsilon: -1e-8}", "optimizer.epsilon: must be a number that is not negative"),
        ("optimizer: {epsilon: .nan}", "finite"),
        ("optimizer: {epsilon: .inf}", "finite"),
        ("optimizer: {epsilon_placement: keras}", "tensorflow or pytorch"),
        ("optimizer: adam", "optimizer: must be a mapping of settings, not 'adam'"),
        ("loss: {style: 5}", "loss.style: must be a name or a list of names, not 5"),
        ("loss: [mean]", "loss: must be a mapping"),
    ],
)
def test_refused_at_the_end(suite: Make, extra: str, words: str) -> None:
    message = refusal(suite, extra)
    assert words in message
    assert message.startswith(f"x.yaml:{END}: ")


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("name: small", "name: ../small", 1, "name: must be a name: at most 64 of a-z"),
        ("name: small", "name: a/b", 1, "not 'a/b'"),
        ("name: small", "name: a\\b", 1, "not 'a"),
        ("name: small", "name: .hidden", 1, "not '.hidden'"),
        ("name: small", "name: Small", 1, "not 'Small'"),
        ("name: small", f"name: {'a' * 65}", 1, "must be a name"),
        ("name: small", 'name: "small\\n"', 1, "must be a name"),
        ("name: small", "name: 5", 1, "not 5"),
        ("name: small", "", 2, "name: is missing"),
        ("astronaut:", "../a:", 3, "images.content: '../a' must be a name"),
        ("{astronaut: \"skimage:astronaut\"}", "{}", 3, "images.content: must be a mapping of at least one name"),
        ("{astronaut: \"skimage:astronaut\"}", "a.jpg", 3, "images.content: must be a mapping of at least one name"),
        ("  content: {astronaut: \"skimage:astronaut\"}\n", "", 2, "images.content: is missing"),
        ("\"skimage:astronaut\"", "5", 3, "images.content.astronaut: must be skimage:NAME, a path"),
        ("\"skimage:astronaut\"", "{titel: x}", 3, "did you mean 'title'?"),
        ("\"skimage:astronaut\"", "{url: 'file:///etc/passwd'}", 3, "astronaut.url: must be an address"),
        ("\"skimage:astronaut\"", "{url: https://a.b/c, sha256: abc}", 3, "must be 64 hexadecimal digits"),
        ("\"skimage:astronaut\"", f"{{sha256: {'a' * 64}}}", 3, "needs a url"),
        ("\"skimage:astronaut\"", "{url: https://a.b/c, path: x}", 3, "not both"),
        ("{ihc: \"skimage:immunohistochemistry\"}", "{astronaut: other.jpg}", 4, "the same name is a different image"),
        ("backends: [torch, tensorflow]", "backends: []", 5, "backends: must be a name or a list of names, not an"),
        ("backends: [torch, tensorflow]\n", "", 1, "backends: is missing"),
        ("  vgg19:", "  VGG19:", 7, "backbones: 'VGG19' must be a name"),
        ("    weights: keras-imagenet-8bit\n", "", 7, "backbones.vgg19.weights: is missing"),
        ("weights: keras-imagenet-8bit", "weights: [5]", 8, "not 5"),
        ("weights:", "weight:", 8, "'weight' is not a key of backbones.vgg19; did you mean 'weights'?"),
        ("[block5_conv2]", "[[block5_conv2]]", 9, "content_layers: must be a layer or a list of layers, not a list"),
        ("[block1_conv1, block2_conv1]", "[a, [b]]", 10, "not both mixed"),
        ("[block1_conv1, block2_conv1]", "[a, b, a]", 10, "'a' is given twice"),
        ("[block1_conv1, block2_conv1]", "{prefixes: [a, b, a]}", 10, "'a' is given twice"),
        ("[block1_conv1, block2_conv1]", "[[a, b], [a, a]]", 10, "'a' is given twice"),
        ("[block1_conv1, block2_conv1]", "[[]]", 10, "must be a list of layers, a list of such lists, or"),
        ("[block1_conv1, block2_conv1]", "{prefix: [a]}", 10, "did you mean 'prefixes'?"),
        ("[block1_conv1, block2_conv1]", "{prefixes: a}", 10, "prefixes: must be a list of layers"),
        ("content_weight: 1e5", "content_weight: -1", 11, "content_weight: must be a number that is not negative"),
        ("content_weight: 1e5", "content_weight: yes", 11, "not 'yes' (text)"),
        ("content_weight: 1e5", "optimizer: {beta1: 2}", 11, "backbones.vgg19.optimizer.beta1: must be"),
    ],
)  # fmt: skip
def test_refused_in_place(suite: Make, base: str, old: str, new: str, line: int, words: str) -> None:
    assert old in base
    message = refusal(suite, text=base.replace(old, new, 1))
    assert words in message
    assert message.startswith(f"x.yaml:{line}: ")
    assert "$" not in message
    assert "Object" not in message


def test_bad_item_has_its_own_line(suite: Make) -> None:
    assert refusal(suite, "seed:\n  - 1\n  - two\n").startswith(f"x.yaml:{END + 2}: seed: ")


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n"])
def test_empty(suite: Make, text: str) -> None:
    assert "the suite is empty" in refusal(suite, text=text)


@pytest.mark.parametrize("text", ["[a, b]", "just text", "5"])
def test_not_a_mapping(suite: Make, text: str) -> None:
    assert "a suite is a mapping" in refusal(suite, text=text)


def test_long_values_are_cut(suite: Make) -> None:
    assert len(refusal(suite, f"init: {'x' * 5000}")) < 200
    assert len(refusal(suite, f"{'x' * 5000}: 1")) < 600


def test_image_from_images_dir_only(suite: Make, base: str) -> None:
    images = suite(text=base.replace('"skimage:astronaut"', "{title: An astronaut}")).spec.images
    source = as_source(images.content["astronaut"])
    assert (source.path, source.url, source.title) == (None, None, "An astronaut")
    assert as_source(images.style["ihc"]).skimage == "immunohistochemistry"


def test_same_image_in_both_roles(base: str) -> None:
    text = base.replace("{ihc: \"skimage:immunohistochemistry\"}", "{astronaut: \"skimage:astronaut\"}")  # fmt: skip
    assert parse_suite(text, Path("x.yaml")).name == "small"
