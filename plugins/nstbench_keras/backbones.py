"""What a backend of Keras announces of networks and weights: data only, no framework is imported."""

from __future__ import annotations

from nstbench.plugin.descriptors import BackboneInfo, ParameterCounts, Preprocessing, WeightsFile, WeightsInfo
from nstbench.weights.architecture import layers
from nstbench.weights.reference import reference_backbone

__all__ = ["WEIGHTS", "backbones"]

APPLICATIONS = "https://storage.googleapis.com/tensorflow/keras-applications"
SUFFIX = "weights_tf_dim_ordering_tf_kernels_notop.h5"
PARAMETERS = {
    "vgg19": ParameterCounts(143_667_240, 143_667_240, 0),
    "resnet50": ParameterCounts(25_636_712, 25_583_592, 53_120),
}


def backbones(backend: str) -> list[BackboneInfo]:
    """Return Keras' networks as backbones of the backend of that name, which is also the framework's."""
    return [
        reference_backbone(
            name,
            backend=backend,
            target=f"nstbench_keras.networks:build_{name}",
            requires=(backend, "keras"),
            layers=_native(name),
            parameters=parameters,
        )
        for name, parameters in PARAMETERS.items()
    ]


def _native(backbone: str) -> dict[str, str]:
    """Canonical layer names are Keras' own."""
    return {layer.name: layer.name for layer in layers(backbone)}


def _file(backbone: str, folder: str, md5: str) -> WeightsFile:
    name = f"{backbone}_{SUFFIX}"
    return WeightsFile(name, url=f"{APPLICATIONS}/{folder}/{name}", digest=f"md5:{md5}")


WEIGHTS = [
    WeightsInfo(
        "keras-imagenet",
        "nstbench_keras.published:read_keras_h5",
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
