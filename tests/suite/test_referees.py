from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from nstbench.errors import SuiteError
from nstbench.suite import Suite, check_names, resolved
from nstbench.suite.referees import requested

Make = Callable[..., Suite]


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("", None),
        ("referee: auto\n", None),
        ("referee: none\n", []),
        ("referee: []\n", []),
        ("referee: vgg19\n", ["vgg19"]),
        ("referee: [vgg19, resnet50, vgg19]\n", ["vgg19", "resnet50"]),
        ("referee: {wide: {backbone: vgg19}, resnet50: {}}\n", ["wide", "resnet50"]),
    ],
)
def test_who_shall_judge(suite: Make, catalogue: Any, text: str, labels: list[str] | None) -> None:
    made = suite(text)
    check_names(made, catalogue)
    referees = requested(made.spec.referee)
    assert (None if referees is None else [one.label for one in referees]) == labels


def test_settings_of_a_referee(suite: Make, catalogue: Any) -> None:
    made = suite("referee:\n  wide: {backbone: vgg19, backend: torch, style_layers: block1_conv1}\n")
    check_names(made, catalogue)
    (wide,) = requested(made.spec.referee) or ()
    assert (wide.label, wide.backbone, wide.backend, wide.entry.style_layers) == (
        "wide",
        "vgg19",
        "torch",
        "block1_conv1",
    )
    again = msgspec.convert(msgspec.to_builtins(resolved(made)), type(made.spec))
    assert again == made.spec


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("referee: vgg91\n", "x.yaml:13: there is no backbone 'vgg91'; did you mean 'vgg19'?"),
        ("referee: noen\n", "x.yaml:13: there is no backbone 'noen'; did you mean 'none'?"),
        ("referee:\n  - vgg19\n  - resnet5\n", "x.yaml:15: there is no backbone 'resnet5'; did you mean 'resnet50'?"),
        ("referee:\n  a: {}\n", "x.yaml:14: there is no backbone 'a'"),
        ("referee:\n  a: {backbone: vgg19, backend: torhc}\n", "x.yaml:14: there is no backend 'torhc'; did you mean"),
        ("referee:\n  vgg19: {weights: keras}\n", "x.yaml:14: there are no weights 'keras'"),
        ("referee:\n  vgg19:\n    style_layers: [block1]\n", "x.yaml:15: vgg19 has no layer 'block1'; did you mean"),
        ("referee:\n  vgg19:\n    content_layers: b1\n", "x.yaml:15: vgg19 has no layer 'b1'"),
        ("referee:\n  vgg19: {wieghts: x}\n", "x.yaml:14: 'wieghts' is not a key of referee.vgg19; did you mean 'wei"),
        ("referee:\n  vgg19:\n    content_layers: [b1, b1]\n", "referee.vgg19.content_layers.1: 'b1' is given twice"),
        ("referee: {A: {}}\n", "x.yaml:13: referee: 'A' must be a name"),
        ("referee: {}\n", "x.yaml:13: referee: must be auto, none, a backbone, a list of backbones"),
        ("referee:\n", "x.yaml:13: referee: must be auto, none, a backbone, a list of backbones, or a mapping of lab"),
        ("referee: 5\n", "x.yaml:13: referee: must be auto, none"),
    ],
)
def test_what_is_refused(suite: Make, catalogue: Any, text: str, words: str) -> None:
    with pytest.raises(SuiteError) as caught:
        check_names(suite(text), catalogue)
    assert words in str(caught.value)
