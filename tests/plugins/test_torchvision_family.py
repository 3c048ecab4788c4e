"""``torchvision:<name>``: tables, published files and layers are the library's."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import msgspec
import numpy as np
import pytest
from nstbench_torch.torchvision_family import TABLE

from nstbench.plugin import load_catalogue
from nstbench.plugin.tables import Row, read_rows
from nstbench.testing.conformance import check_plugin
from nstbench.weights import canonicalise, load_weight_set, locate, weights_info

pytestmark = pytest.mark.torch
HERE = Path(__file__).parent

TEN = (
    *("alexnet", "googlenet", "mnasnet0_5", "mobilenet_v3_small", "regnet_x_400mf", "resnet18", "shufflenet_v2_x0_5"),
    *("squeezenet1_1", "vgg11_bn", "vit_b_16"),
)
PINNED = "0.28.0"


def script(name: str, *arguments: object) -> None:
    command = [sys.executable, "-W", "ignore", str(HERE / name), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(version("torchvision") != PINNED, reason=f"the tables are those of torchvision {PINNED}")
def test_ten_tables_are_what_is_traced_anew(tmp_path: Path) -> None:
    script("library_rows.py", "torchvision", tmp_path / "rows.json", *TEN)
    traced = msgspec.json.decode((tmp_path / "rows.json").read_bytes(), type=list[Row])
    stored = read_rows(TABLE)
    assert [row.name for row in traced] == list(TEN)
    for row in traced:
        assert row == stored[row.name]


def test_every_network_has_layers_by_depth_or_a_reason() -> None:
    rows = read_rows(TABLE)
    assert len(rows) >= 80
    for row in rows.values():
        names = [layer.name for layer in row.layers]
        if row.reason:
            assert not names and row.name.startswith(("vit_", "maxvit_"))
            continue
        macs = {layer.name: layer.macs for layer in row.layers}
        assert 3 <= len(row.style) <= 5 and set(row.style) <= set(names) and row.content == row.style[-2:-1]
        assert sorted(row.style, key=names.index) == list(row.style)
        assert [macs[name] for name in row.style] == sorted(macs[name] for name in row.style)


def test_the_work_to_the_last_layer_is_the_published_one() -> None:
    """He et al. 2016, table 1: ResNet-18 has 1.8, -50 3.8 and -152 11.3 billion multiply-adds at 224 px (as v1).

    In torchvision's v1.5 the strided 3x3 adds some; the classifier is not counted here.
    """
    rows = read_rows(TABLE)
    for name, billions in {"resnet18": (1.8, 1.85), "resnet50": (4.0, 4.15), "resnet152": (11.4, 11.6)}.items():
        low, high = billions
        assert low <= rows[name].layers[-1].macs * 224**2 / 1e9 <= high


OF_OLD = """
import sys, numpy, torch
from nstbench_torch.torchvision_networks import tensors
from nstbench.weights.random import draw
drawn = draw(tensors("torchvision:densenet121"), 3)
numpy.savez(sys.argv[1], **drawn)
old = {name.replace("norm1.", "norm.1.").replace("conv2.", "conv.2."): one for name, one in drawn.items()}
old["classifier.weight"] = numpy.zeros((1000, 1024), numpy.float32)
torch.save({name: torch.from_numpy(one) for name, one in old.items()}, sys.argv[2])
"""


def test_a_published_densenet_with_names_of_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its files say ``denselayer1.norm.1.weight`` for what is ``denselayer1.norm1.weight``."""
    monkeypatch.setenv("NSTBENCH_CACHE_DIR", str(tmp_path / "cache"))
    catalogue = load_catalogue()
    info = catalogue.backbones["torch", "torchvision:densenet121"]
    files = (tmp_path / "state.npz", tmp_path / "w.pth")
    subprocess.run([sys.executable, "-c", OF_OLD, *map(str, files)], check=True, timeout=120)
    expected = np.load(files[0])
    own = weights_info(f"file:{tmp_path / 'w.pth'}", catalogue.weights, info)
    read = load_weight_set(canonicalise(locate(own, info.name), own, info.name)[0])
    assert read.preprocessing == info.preprocessing
    assert read.tensors.keys() == set(expected)
    assert all(np.array_equal(read.tensors[name], expected[name]) for name in expected)


LAYERS = {
    "googlenet": ("conv1.bn", "inception3a.branch2.1.bn", "inception4a.branch3.0.conv"),  # relu in place
    "inception_v3": ("Conv2d_1a_3x3.bn", "Mixed_5b.branch1x1.bn"),
    "shufflenet_v2_x0_5": ("conv1.1", "stage2.0.branch2.4", "stage3.1.branch2.2"),
    "convnext_tiny": ("features.2.1", "features.4.1"),  # after normalisations that are traced through
}


@pytest.fixture(scope="module")
def features(tmp_path_factory: pytest.TempPathFactory) -> dict[str, np.ndarray]:
    """Return what ``library_features.py`` finds of the networks in ``LAYERS``."""
    folder = tmp_path_factory.mktemp("features")
    job = [(f"torchvision:{name}", *2 * [80 if "inception" in name else 64], layers) for name, layers in LAYERS.items()]
    (folder / "job.json").write_text(json.dumps(job))
    script("library_features.py", folder / "job.json", folder / "found.npz")
    with np.load(folder / "found.npz") as found:
        return dict(found)


@pytest.mark.parametrize("name", LAYERS)
def test_layers_are_what_the_library_computes(name: str, features: dict[str, np.ndarray]) -> None:
    for layer in LAYERS[name]:
        ours, expected = features[f"torchvision:{name}/{layer}"], features[f"torchvision:{name}/plain/{layer}"]
        assert ours.shape == expected.shape
        assert expected.std() > 0.1
        assert np.abs(ours - expected).max() <= 1e-5 * np.abs(expected).max()


@pytest.mark.parametrize("name", ["convnext_tiny", "shufflenet_v2_x0_5", "swin_t"])
def test_a_network_of_the_family_conforms(name: str) -> None:
    """ShuffleNet hands batch normalisation gradients in another memory order, Swin's maps have the channels last.

    ConvNeXt's normalisations are taken apart by the tracing.
    """
    checks = ("layers", "taps", "gradient", "differences")
    found = check_plugin("torch", only=checks, backbones=f"torchvision:{name}")
    assert [(one.check, one.status) for one in found] == [(check, "pass") for check in checks], found


def test_what_is_published_is_offered() -> None:
    catalogue = load_catalogue()
    info = catalogue.backbones["torch", "torchvision:vgg16"]
    assert info.weights == ("torchvision-imagenet1k-v1", "torchvision-imagenet1k-features", "random", "file")
    plain, features = (weights_info(name, catalogue.weights, info) for name in info.weights[:2])
    assert plain.files[info.name].url != features.files[info.name].url
    assert plain.preprocessing.std != features.preprocessing.std  # Caffe's, in torchvision's order of channels
    inception = catalogue.backbones["torch", "torchvision:inception_v3"]
    assert weights_info("torchvision-imagenet1k-v1", catalogue.weights, inception).preprocessing.mean == (127.5,) * 3
    unannounced = {name for key in catalogue.backbones for name in catalogue.backbones[key].weights}
    assert unannounced - {"random", "file"} <= set(catalogue.weights)


def test_json_lists_them(capsys: pytest.CaptureFixture[str]) -> None:
    command = [sys.executable, "-m", "nstbench", "backbones", "torchvision:resnet*", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    names = [one["backbone"] for one in json.loads(done.stdout)]
    assert names == [f"torchvision:resnet{depth}" for depth in (101, 152, 18, 34, 50)]
