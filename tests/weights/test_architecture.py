from __future__ import annotations

from math import prod

import numpy as np
import pytest

from nstbench.errors import WeightsError
from nstbench.weights.architecture import NETWORKS, check_tensors, layer_costs, layers, parameter_shapes

GIGA = 512 * 384 / 1e9


@pytest.mark.parametrize(
    ("backbone", "architecture", "parameters"),
    [
        ("vgg19", "keras", 20_024_384),
        ("vgg19", "torchvision", 20_024_384),
        ("resnet50", "keras", 25_636_712 - 2048 * 1000 - 1000),
        # Without the 26,560 biases, with the moving statistics that torchvision does not count.
        ("resnet50", "torchvision", 25_557_032 + 53_120 - 2048 * 1000 - 1000),
    ],
)
def test_published_parameter_counts(backbone: str, architecture: str, parameters: int) -> None:
    assert sum(prod(shape) for shape in parameter_shapes(backbone, architecture).values()) == parameters


@pytest.mark.parametrize("backbone", NETWORKS)
@pytest.mark.parametrize("architecture", ["keras", "torchvision"])
def test_a_layer_comes_after_all_it_needs(backbone: str, architecture: str) -> None:
    seen: set[str] = set()
    for layer in layers(backbone, architecture):
        assert seen.issuperset(layer.inputs)
        seen.add(layer.name)
    assert len(seen) == len(layers(backbone, architecture)) == {"vgg19": 21, "resnet50": 172}[backbone]


@pytest.mark.parametrize(
    ("backbone", "layer", "gigamacs"),
    [
        ("vgg19", "block5_conv2", 72.8),
        ("vgg19", "block5_pool", 76.4),
        ("resnet50", "conv5_block3_3_bn", 15.1),
        ("resnet50", "conv2_block2_2_bn", 2.0),
    ],
)
def test_work_at_512_by_384(backbone: str, layer: str, gigamacs: float) -> None:
    assert layer_costs(backbone)[layer].macs * GIGA == pytest.approx(gigamacs, abs=0.06)


def test_a_shortcut_is_no_work_for_the_branch_beside_it() -> None:
    costs = layer_costs("resnet50")
    assert costs["conv3_block1_0_conv"].macs - costs["conv2_block3_out"].macs == 256 * 512 / 64
    assert costs["conv3_block1_1_conv"].macs - costs["conv2_block3_out"].macs == 256 * 128 / 64


def test_costs_never_fall_with_depth_of_vgg19() -> None:
    macs = [cost.macs for cost in layer_costs("vgg19").values()]
    assert macs == sorted(macs)


def test_tensors_are_checked_by_name_and_shape() -> None:
    tensors = {name: np.empty(shape, np.float32) for name, shape in parameter_shapes("vgg19", "keras").items()}
    check_tensors("vgg19", "keras", tensors | {"predictions/kernel": np.empty(1)})
    with pytest.raises(WeightsError, match=r"block3_conv2/bias is missing\.$"):
        check_tensors("vgg19", "keras", {name: one for name, one in tensors.items() if name != "block3_conv2/bias"})
    tensors["block1_conv1/kernel"] = np.empty((64, 3, 3, 3), np.float32)
    with pytest.raises(WeightsError, match=r"kernel has shape \(64, 3, 3, 3\) instead of \(3, 3, 3, 64\)\.$"):
        check_tensors("vgg19", "keras", tensors)


def test_torchvision_weights_have_no_biases_for_keras_resnet() -> None:
    tensors = {name: np.empty(shape) for name, shape in parameter_shapes("resnet50", "torchvision").items()}
    check_tensors("resnet50", "torchvision", tensors)
    with pytest.raises(WeightsError, match="conv1_conv/bias is missing"):
        check_tensors("resnet50", "keras", tensors)


def test_unknown_networks_and_variants_are_named() -> None:
    with pytest.raises(WeightsError, match="'vgg17'"):
        layers("vgg17")
    with pytest.raises(WeightsError, match="'caffe'"):
        layers("resnet50", "caffe")
