"""What the TensorFlow plugin announces of networks and weights: data only, no framework is imported."""

from __future__ import annotations

from nstbench.plugin.descriptors import BackboneInfo, ParameterCounts, Preprocessing, WeightsFile, WeightsInfo
from nstbench.weights.architecture import layer_costs, layers

__all__ = ["BACKBONES", "WEIGHTS"]

APPLICATIONS = "https://storage.googleapis.com/tensorflow/keras-applications"
SUFFIX = "weights_tf_dim_ordering_tf_kernels_notop.h5"


def _native(backbone: str) -> dict[str, str]:
    """Canonical layer names are Keras' own."""
    return {layer.name: layer.name for layer in layers(backbone)}


def _file(backbone: str, folder: str, md5: str) -> WeightsFile:
    name = f"{backbone}_{SUFFIX}"
    return WeightsFile(name, url=f"{APPLICATIONS}/{folder}/{name}", digest=f"md5:{md5}")


BACKBONES = [
    BackboneInfo(
        "vgg19",
        "nstbench_tensorflow.networks:build_vgg19",
        requires=("tensorflow", "keras"),
        backend="tensorflow",
        layers=_native("vgg19"),
        content_layers=("block5_conv2",),
        style_layers=("block1_conv1", "block2_conv1", "block3_conv1", "block4_conv1", "block5_conv1"),
        weights=("keras-imagenet", "keras-imagenet-8bit", "torchvision-imagenet1k-v1", "random", "file"),
        content_weight=1e5,
        style_weight=1e-2,
        parameters=ParameterCounts(143_667_240, 143_667_240, 0),
        costs=layer_costs("vgg19"),
    ),
    BackboneInfo(
        "resnet50",
        "nstbench_tensorflow.networks:build_resnet50",
        requires=("tensorflow", "keras"),
        backend="tensorflow",
        layers=_native("resnet50"),
        content_layers=("conv5_block3_3_bn",),
        style_layers=(
            "conv2_block2_2_bn",
            "conv3_block1_0_bn",
            "conv3_block1_0_conv",
            "conv4_block1_2_bn",
            "conv5_block1_3_bn",
        ),
        weights=("keras-imagenet", "torchvision-imagenet1k-v1", "torchvision-imagenet1k-v2", "random", "file"),
        content_weight=1.0,
        style_weight=1e5,
        parameters=ParameterCounts(25_636_712, 25_583_592, 53_120),
        costs=layer_costs("resnet50"),
    ),
]

WEIGHTS = [
    WeightsInfo(
        "keras-imagenet",
        "nstbench_tensorflow.published:read_keras_h5",
        requires=("h5py",),
        files={
            "vgg19": _file("vgg19", "vgg19", "253f8cb515780f3b799900260a226db6"),
            "resnet50": _file("resnet50", "resnet", "4d473c1dd8becc155b73f8504c6f6626"),
        },
        architecture="keras",
        preprocessing=Preprocessing("BGR", (103.939, 116.779, 123.68)),
        source="keras.applications, ImageNet; converted from the Caffe models of Oxford (VGG19) and MSRA (ResNet50)",
    ),
]
