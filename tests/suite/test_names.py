from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from nstbench.errors import SuiteError
from nstbench.suite import Suite, check_names

Make = Callable[..., Suite]


def refusal(suite: Suite, catalogue: Any) -> str:
    with pytest.raises(SuiteError) as caught:
        check_names(suite, catalogue)
    return str(caught.value)


def test_good(suite: Make, catalogue: Any) -> None:
    check_names(suite(), catalogue)


@pytest.mark.parametrize("weights", ["random:0", "random:12", "file:a b.h5", "[keras-imagenet, keras-imagenet-8bit]"])
def test_good_weights(suite: Make, catalogue: Any, weights: str) -> None:
    check_names(suite(overrides=[f"backbones.vgg19.weights={weights}"]), catalogue)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("block2_conv1]", "conv6_1]", "x.yaml:10: vgg19 has no layer 'conv6_1'; did you mean 'block5_conv1'?"),
        ("[block5_conv2]", "[block5_conv9]", "x.yaml:9: vgg19 has no layer 'block5_conv9'; did you mean 'block5_conv"),
        ("[block5_conv2]", "block5conv2", "x.yaml:9: vgg19 has no layer 'block5conv2'; did you mean 'block5_conv2'?"),
        ("tensorflow]", "tensorflw]", "x.yaml:5: there is no backend 'tensorflw'; did you mean 'tensorflow'?"),
        ("tensorflow]", "zzz]", "x.yaml:5: there is no backend 'zzz'; known: tensorflow, torch"),
        ("  vgg19:", "  vgg91:", "x.yaml:7: there is no backbone 'vgg91'; did you mean 'vgg19'?"),
        ("    weights:", "    backbone: vgg\n    weights:", "x.yaml:8: there is no backbone 'vgg'; did you mean"),
        ("    weights:", "    backends: [torhc]\n    weights:", "x.yaml:8: there is no backend 'torhc'; did you mean"),
        ("    weights:", "    loss: {style: gattys}\n    weights:", "x.yaml:8: there is no style loss 'gattys'; did"),
        ("keras-imagenet-8bit", "keras-imagnet", "x.yaml:8: there are no weights 'keras-imagnet'; did you mean"),
        ("keras-imagenet-8bit", "[random:0, imagenet]", "x.yaml:8: there are no weights 'imagenet'; did you mean"),
        ("keras-imagenet-8bit", "torchvision-imagenet1k-v1", "x.yaml:8: vgg19 takes no weights 'torchvision-image"),
        ("keras-imagenet-8bit", "random", "x.yaml:8: 'random' must be random:SEED"),
        ("keras-imagenet-8bit", "random:-1", "must be random:SEED"),
        ("keras-imagenet-8bit", "random:1.5", "must be random:SEED"),
        ("keras-imagenet-8bit", "random:007", "must be random:SEED"),
        ("keras-imagenet-8bit", "'random:1\n\n  '", "must be random:SEED"),
        ("keras-imagenet-8bit", "'file:'", "x.yaml:8: 'file:' must be file:PATH"),
    ],
)  # fmt: skip
def test_unknown(suite: Make, catalogue: Any, base: str, old: str, new: str, message: str) -> None:
    assert old in base
    assert message in refusal(suite(text=base.replace(old, new, 1)), catalogue)


@pytest.mark.parametrize(
    "layers", ["[[block1_conv1], [block1_conv1, bad_layer]]", "{prefixes: [block1_conv1, bad_layer]}", "bad_layer"]
)
def test_every_form_of_style_layers(suite: Make, catalogue: Any, layers: str) -> None:
    message = refusal(suite(overrides=[f"backbones.vgg19.style_layers={layers}"]), catalogue)
    assert message.startswith("--set backbones.vgg19.style_layers: vgg19 has no layer 'bad_layer'")


def test_line_of_an_item(suite: Make, catalogue: Any, base: str) -> None:
    text = base.replace("[block1_conv1, block2_conv1]", "\n      - block1_conv1\n      - oops")
    assert refusal(suite(text=text), catalogue).startswith("x.yaml:12: vgg19 has no layer 'oops'")


def test_losses(suite: Make, catalogue: Any) -> None:
    assert refusal(suite("loss: {style: gaty}"), catalogue) == (
        "x.yaml:13: there is no style loss 'gaty'; did you mean 'gatys'?"
    )
    # A content loss is no style loss.
    assert "there is no style loss 'half_sum'" in refusal(suite("loss: {style: half_sum}"), catalogue)
    check_names(suite("loss: {style: [gatys, mean], content: half_sum}"), catalogue)


def test_a_backbone_that_one_backend_lacks_is_no_error(suite: Make, catalogue: Any) -> None:
    del catalogue.backbones["tensorflow", "vgg19"]
    check_names(suite(), catalogue)
    check_names(suite(overrides=["backends=tensorflow"]), catalogue)
    del catalogue.backbones["torch", "vgg19"]
    assert "there is no backbone 'vgg19'" in refusal(suite(), catalogue)


def test_a_layer_that_one_backend_lacks(suite: Make, catalogue: Any) -> None:
    layers = dict(catalogue.backbones["torch", "vgg19"].layers)
    del catalogue.backbones["tensorflow", "vgg19"].layers["block2_conv1"]
    assert "block2_conv1" in layers
    assert "vgg19 has no layer 'block2_conv1' on tensorflow" in refusal(suite(), catalogue)
    check_names(suite(overrides=["backbones.vgg19.backends=torch"]), catalogue)


def test_broken_plugins_are_mentioned(suite: Make, catalogue: Any) -> None:
    assert "broken" not in refusal(suite(overrides=["backends=jax"]), catalogue)
    catalogue.problems.append(object())
    for assignment in ("backends=jax", "loss.style=x", "backbones.vgg19.backbone=v", "backbones.vgg19.weights=w"):
        message = refusal(suite(overrides=[assignment]), catalogue)
        assert message.endswith("(1 plugin is broken: see `nstbench plugins`)"), message
    catalogue.problems.append(object())
    assert "2 plugins are broken" in refusal(suite(overrides=["backends=jax"]), catalogue)
