"""What the TensorFlow plugin announces of networks and weights: data only, no framework is imported."""

from __future__ import annotations

from nstbench.plugin.descriptors import ParameterCounts, Preprocessing, WeightsFile, WeightsInfo
from nstbench.weights.architecture import layers
from nstbench.weights.reference import reference_backbone

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
    reference_backbone(
        "vgg19",
        backend="tensorflow",
        target="nstbench_tensorflow.networks:build_vgg19",
        requires=("tensorflow", "keras"),
        layers=_native("vgg19"),
        parameters=ParameterCounts(143_667_240, 143_667_240, 0),
    ),
    reference_backbone(
        "resnet50",
        backend="tensorflow",
        target="nstbench_tensorflow.networks:build_resnet50",
        requires=("tensorflow", "keras"),
        layers=_native("resnet50"),
        parameters=ParameterCounts(25_636_712, 25_583_592, 53_120),
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
