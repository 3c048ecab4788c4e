"""``timm:<name>``: tables, published files and layers are timm's."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec
import numpy as np
import pytest
from nstbench_timm.family import TABLE
from safetensors.numpy import save_file

from nstbench.errors import WeightsError
from nstbench.plugin import load_catalogue
from nstbench.plugin.descriptors import WeightsInfo
from nstbench.plugin.tables import Row, read_rows
from nstbench.testing.conformance import check_plugin
from nstbench.weights import canonicalise, load_weight_set, locate, weights_info

HERE = Path(__file__).parent
PINNED = "1.0.31"
try:
    TIMM = version("timm")
except PackageNotFoundError:
    TIMM = ""
with_timm = pytest.mark.skipif(not TIMM, reason="timm is not installed: pip install timm")
pytestmark = pytest.mark.torch

SOME = (
    *(
        "bat_resnext26ts",
        "convnext_atto",
        "densenet121",
        "dla34",
        "efficientnet_b0",
        "ghostnet_100",
        "mobilenetv3_small_050",
    ),
    *("nfnet_l0", "resnet18", "shvit_s1", "vgg11", "vit_base_patch16_224"),
)


def script(name: str, *arguments: object) -> None:
    command = [sys.executable, "-W", "ignore", str(HERE / name), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(TIMM != PINNED, reason=f"the tables are those of timm {PINNED}")
def test_some_tables_are_what_is_traced_anew(tmp_path: Path) -> None:
    script("library_rows.py", "timm", tmp_path / "rows.json", *SOME)
    traced = msgspec.json.decode((tmp_path / "rows.json").read_bytes(), type=list[Row])
    stored = read_rows(TABLE)
    assert [row.name for row in traced] == list(SOME)
    for row in traced:
        assert row == stored[row.name]


def test_every_network_has_timms_features_by_depth_or_a_reason() -> None:
    rows = read_rows(TABLE)
    offered = [row for row in rows.values() if not row.reason]
    assert len(rows) >= 1100 and len(offered) >= 500
    for row in offered:
        names, macs = [layer.name for layer in row.layers], {layer.name: layer.macs for layer in row.layers}
        assert len(names) == len(set(names)) and 3 <= len(row.style) <= 5 and row.content == row.style[-2:-1]
        assert sorted(row.style, key=names.index) == list(row.style)
        assert [macs[name] for name in row.style] == sorted(macs[name] for name in row.style)
    assert rows["resnet50"].style == ("act1", "layer1", "layer2", "layer3", "layer4")
    files = [row.files["timm"].filename for row in offered if row.files]
    assert len(files) == len(set(files)) >= 0.95 * len(offered)


def test_the_work_to_the_last_layer_is_the_published_one() -> None:
    """Multiply-adds at 224 px: Liu et al. 2022 (ConvNeXt), table 1; Tan and Le 2019 (EfficientNet), table 2."""
    rows = read_rows(TABLE)
    for name, billions in {
        "convnext_tiny": (4.4, 4.6),
        "convnext_base": (15.2, 15.5),
        "efficientnet_b0": (0.36, 0.4),
    }.items():
        low, high = billions
        assert low <= rows[name].layers[-1].macs * 224**2 / 1e9 <= high


def published(name: str, folder: Path) -> tuple[dict[str, np.ndarray], WeightsInfo, Path]:
    """Return what is read of a file as timm publishes it, how, and where it is put; the classifier is zero."""
    catalogue = load_catalogue()
    info = catalogue.backbones["torch", f"timm:{name}"]
    drawn = weights_info("random:3", catalogue.weights, info)
    tensors = load_weight_set(canonicalise(locate(drawn, info.name), drawn, info.name)[0]).tensors
    own = weights_info("timm", catalogue.weights, info)
    return dict(tensors), own, folder / own.files[info.name].filename


@with_timm
def test_a_published_file_is_read(tmp_path: Path) -> None:
    tensors, own, path = published("test_resnet", tmp_path)
    assert path.name == "test_resnet.r160_in1k.safetensors"
    counters = {
        key.replace("running_mean", "num_batches_tracked"): np.array(7) for key in tensors if "running_mean" in key
    }
    width = next(values for name, values in tensors.items() if name.startswith("layer4.0.bn2.weight")).size
    save_file(
        {
            **tensors,
            **counters,
            "fc.weight": np.zeros((1000, width), np.float32),
            "fc.bias": np.zeros(1000, np.float32),
        },
        path,
    )
    located = locate(own, "timm:test_resnet", tmp_path)
    read = load_weight_set(canonicalise(located, own, "timm:test_resnet")[0])
    assert read.preprocessing == own.preprocessing and read.preprocessing.mean == (127.5,) * 3
    assert read.tensors.keys() == tensors.keys()
    assert all(np.array_equal(read.tensors[name], tensors[name]) for name in tensors)


@with_timm
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda path, tensors: path.write_bytes(b"<html>Too many requests</html>"), "no whole safetensors file"),
        (lambda path, tensors: save_file(dict(list(tensors.items())[:3]), path), "Missing key"),
    ],
)
def test_another_file_is_refused(change, words: str, tmp_path: Path) -> None:
    tensors, own, path = published("test_resnet", tmp_path)
    change(path, tensors)
    with pytest.raises(WeightsError, match=words):
        canonicalise(locate(own, "timm:test_resnet", tmp_path), own, "timm:test_resnet")


SIZES = {
    "test_efficientnet": (64, 96),  # `same` padding, activations in normalisations
    "test_nfnet": (65, 97),  # standardised convolutions
    "test_convnext": (64, 65),  # normalisations that are traced through
    "ghostnet_100": (57, 64),  # branches that are joined
}


@pytest.fixture(scope="module")
def features(tmp_path_factory: pytest.TempPathFactory) -> dict[str, np.ndarray]:
    """Return what ``library_features.py`` finds of the networks in ``SIZES``."""
    folder, catalogue = tmp_path_factory.mktemp("features"), load_catalogue()
    infos = {name: catalogue.backbones["torch", f"timm:{name}"] for name in SIZES}
    job = [(info.name, *SIZES[name], [*info.layers]) for name, info in infos.items()]
    (folder / "job.json").write_text(json.dumps(job))
    script("library_features.py", folder / "job.json", folder / "found.npz")
    with np.load(folder / "found.npz") as found:
        return dict(found)


@with_timm
@pytest.mark.parametrize("name", SIZES)
def test_layers_are_what_timm_computes(name: str, features: dict[str, np.ndarray]) -> None:
    layers = load_catalogue().backbones["torch", f"timm:{name}"].layers
    for layer in layers:
        ours, expected = features[f"timm:{name}/{layer}"], features[f"timm:{name}/plain/{layer}"]
        assert ours.shape == expected.shape
        assert np.isfinite(expected).all() and 0.01 < expected.std() < 100
        assert np.abs(ours - expected).max() <= 1e-5 * np.abs(expected).max()


@with_timm
@pytest.mark.parametrize("name", ["test_convnext", "test_nfnet"])
def test_a_network_of_the_family_conforms(name: str) -> None:
    """ConvNeXt's normalisations are taken apart by the tracing, NFNet's convolutions are standardised."""
    checks = ("layers", "taps", "gradient", "differences")
    found = check_plugin("timm", only=checks, backbones=f"timm:{name}")
    assert [(one.check, one.status) for one in found] == [(check, "pass") for check in checks], found


def test_preprocessing_and_files_are_each_networks() -> None:
    catalogue = load_catalogue()
    clip = catalogue.backbones["torch", "timm:convnext_xxlarge"]
    assert clip.preprocessing is not None and clip.preprocessing.mean == (122.771, 116.746, 104.094)
    file = clip.files["timm"]
    name = "convnext_xxlarge.clip_laion2b_soup_ft_in1k"
    assert file.url == f"https://huggingface.co/timm/{name}/resolve/main/model.safetensors"
    assert (file.filename, file.digest) == (f"{name}.safetensors", None)
    old = catalogue.backbones["torch", "timm:legacy_senet154"].files["timm"]
    assert (old.filename, old.digest) == ("legacy_senet154-e9eb9fe6.pth", "sha256:e9eb9fe6")


def test_json_lists_them() -> None:
    command = [sys.executable, "-m", "nstbench", "backbones", "timm:test_resnet*", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    (one,) = json.loads(done.stdout)
    assert one["backbone"] == "timm:test_resnet" and list(one["weights"]) == ["timm", "random:<seed>", "file:PATH"]
