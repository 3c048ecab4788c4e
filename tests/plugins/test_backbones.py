from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import nstbench_keras.backbones as keras_side
import nstbench_torch.backbones as torch_side
import pytest

from nstbench.plugin.descriptors import BackboneInfo
from nstbench.weights import weights_info
from nstbench.weights.architecture import layers

ALL = [*torch_side.BACKBONES, *keras_side.backbones("tensorflow"), *keras_side.backbones("jax")]
SHARED = Path(os.environ.get("NSTBENCH_LAYER_MAP") or Path(__file__).parents[2] / "../shared/layer-map.json")


def by_name(infos: list[BackboneInfo]) -> dict[str, BackboneInfo]:
    return {info.name: info for info in infos}


def installed_source(package: str, path: str) -> str:
    """Read a module of an installed package without importing the package."""
    spec = find_spec(package)
    assert spec is not None and spec.submodule_search_locations is not None
    return (Path(spec.submodule_search_locations[0]) / path).read_text()


@pytest.mark.skipif(not SHARED.is_file(), reason="no layer-map.json beside this checkout")
def test_native_names_are_those_of_the_measured_map() -> None:
    known = json.loads(SHARED.read_text())
    found = by_name(torch_side.BACKBONES)
    assert dict(found["vgg19"].layers) == {
        name: entry["torch_equal_to_keras_output"] for name, entry in known["vgg19"].items()
    }
    assert dict(found["resnet50"].layers) == {name: entry["fx_node"] for name, entry in known["resnet50"].items()}


@pytest.mark.parametrize("info", ALL, ids=lambda info: f"{info.backend}-{info.name}")
def test_a_descriptor_is_consistent(info: BackboneInfo) -> None:
    names = [layer.name for layer in layers(info.name)]
    assert list(info.layers) == list(info.costs) == names
    assert len(set(info.layers.values())) == len(names)
    assert {*info.content_layers, *info.style_layers} <= set(names)
    announced = {one.name: one for one in (*torch_side.WEIGHTS, *keras_side.WEIGHTS)}
    for name in set(info.weights) - {"random", "file"}:
        assert info.name in announced[name].files
    assert {name for name, one in announced.items() if info.name in one.files} == set(info.weights) - {"random", "file"}


@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_all_sides_announce_the_same_networks(backend: str) -> None:
    for name, info in by_name(torch_side.BACKBONES).items():
        other = by_name(keras_side.backbones(backend))[name]
        for field in ("content_layers", "style_layers", "content_weight", "style_weight", "weights", "costs"):
            assert getattr(info, field) == getattr(other, field)


def test_keras_addresses_and_digests_are_those_of_the_installed_keras() -> None:
    files = keras_side.WEIGHTS[0].files
    vgg19 = installed_source("keras", "src/applications/vgg19.py")
    assert files["vgg19"].digest == "md5:" + re.findall(r'file_hash="([0-9a-f]{32})"', vgg19)[1]
    path = re.search(r"WEIGHTS_PATH_NO_TOP = (\(.*?\))", vgg19, re.DOTALL)
    assert path is not None and files["vgg19"].url == ast.literal_eval(path[1])
    resnet = installed_source("keras", "src/applications/resnet.py")
    hashes = re.search(r"WEIGHTS_HASHES = (\{.*?\n\})", resnet, re.DOTALL)
    base = re.search(r"BASE_WEIGHTS_PATH = (\(.*?\))", resnet, re.DOTALL)
    assert hashes is not None and base is not None
    assert files["resnet50"].digest == "md5:" + ast.literal_eval(hashes[1])["resnet50"][1]
    assert files["resnet50"].url == f"{ast.literal_eval(base[1])}resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5"


def test_torchvision_addresses_are_those_of_the_installed_torchvision() -> None:
    infos = {info.name: info for info in torch_side.WEIGHTS}
    source = {name: installed_source("torchvision", f"models/{name}.py") for name in ("vgg", "resnet")}
    for variant in ("V1", "V2"):
        files = infos[f"torchvision-imagenet1k-{variant.lower()}"].files
        for backbone, file in files.items():
            name = "VGG19" if backbone == "vgg19" else "ResNet50"
            body = source["vgg" if backbone == "vgg19" else "resnet"].partition(f"class {name}_Weights(")[2]
            url = re.search(rf'IMAGENET1K_{variant} = Weights\(\s+url="([^"]+)"', body)
            assert url is not None and file.url == url[1]
            assert file.url.endswith(f"-{str(file.digest).removeprefix('sha256:')}.pth")


def test_own_files_are_read_as_what_their_suffix_says() -> None:
    announced = {one.name: one for one in (*torch_side.WEIGHTS, *keras_side.WEIGHTS)}
    for suffix, architecture, reader in (
        ("h5", "keras", "nstbench_keras.published:read_keras_h5"),
        ("pth", "torchvision", "nstbench_torch.published:read_torchvision"),
        ("pt", "torchvision", "nstbench_torch.published:read_torchvision"),
    ):
        info = weights_info(f"file:w.{suffix}", announced, "resnet50")
        assert (info.architecture, info.target) == (architecture, reader)


def test_announcing_imports_no_framework() -> None:
    heavy = "numpy torch torchvision tensorflow keras jax h5py"
    code = (
        "import nstbench_torch, nstbench_tensorflow, nstbench_jax, nstbench_keras.published, sys; "
        f"print([name for name in {heavy.split()} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("side", "backend"),
    [
        pytest.param("torch", "TorchBackend", marks=pytest.mark.torch),
        pytest.param("tensorflow", "TensorFlowBackend", marks=pytest.mark.tensorflow),
        pytest.param("jax", "JaxBackend", marks=pytest.mark.jax),
    ],
)
def test_counted_parameters_are_the_announced_ones(side: str, backend: str) -> None:
    code = (
        f"from nstbench_{side} import nstbench_backbones\nfrom nstbench_{side}.backend import {backend} as Backend\n"
        "backend, announced = Backend(), nstbench_backbones()\n"
        "assert [backend.count_parameters(one) for one in announced] == [one.parameters for one in announced]\n"
        "import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    print(side, "peak MiB", done.stdout)
