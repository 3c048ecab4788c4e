"""``keras:<name>``: tables, published files and what is made of them are the library's."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import msgspec
import numpy as np
import pytest
from nstbench_keras.applications import TABLE

from nstbench.measure.environment import distribution_version as version_of
from nstbench.plugin import load_catalogue
from nstbench.plugin.tables import Row, read_rows
from nstbench.testing.conformance import check_plugin

pytestmark = pytest.mark.tensorflow
HERE = Path(__file__).parent
SOME = ("convnexttiny", "inceptionv3", "mobilenetv3small", "resnet50v2", "vgg19", "xception")
"""Scales and preprocessing inside, concatenations, operations that are no layers, padding, a chain, split kernels."""
PUBLISHED = ("mobilenetv3small", "convnexttiny", "efficientnetb0", "resnet50v2")
PINNED = "3.15.1"


def script(name: str, *arguments: object) -> None:
    command = [sys.executable, "-W", "ignore", str(HERE / name), *map(str, arguments)]
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=400, check=False, env=environment)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(version("keras") != PINNED, reason=f"the tables are those of Keras {PINNED}")
def test_some_tables_are_what_is_read_anew(tmp_path: Path) -> None:
    """In another order than the stored ones were made in: Keras counts layers over a process, the table does not."""
    script("keras_rows.py", tmp_path / "rows.json", *reversed(SOME))
    stored = read_rows(TABLE)
    for row in msgspec.json.decode((tmp_path / "rows.json").read_bytes(), type=list[Row]):
        assert row == stored[row.name]


def test_every_network_has_layers_by_depth_or_a_reason() -> None:
    rows = read_rows(TABLE)
    assert len(rows) >= 40
    assert {name for name, row in rows.items() if row.reason} == {"nasnetlarge", "nasnetmobile"}
    for row in rows.values():
        names = [layer.name for layer in row.layers]
        assert set(row.style) <= set(names) and row.content == row.style[-2:-1]
        assert row.reason or 4 <= len(row.style) <= 5
        assert "keras-imagenet" in row.files or row.reason


def test_preprocessing_is_not_done_twice() -> None:
    """EfficientNet, ConvNeXt and MobileNetV3 contain it; others do not."""
    rows = read_rows(TABLE)
    for name in ("efficientnetb0", "efficientnetv2b0", "convnexttiny", "mobilenetv3small"):
        assert (rows[name].preprocessing.mean, rows[name].preprocessing.std) == ((0, 0, 0), (1, 1, 1))
    assert rows["vgg16"].preprocessing.channels == "BGR"
    assert rows["inceptionv3"].preprocessing.mean == (127.5, 127.5, 127.5)
    assert rows["densenet121"].preprocessing.mean == (123.675, 116.28, 103.53)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> dict[str, np.ndarray]:
    """Return what ``keras_published.py`` finds."""
    folder = tmp_path_factory.mktemp("published")
    script("keras_published.py", folder / "found.npz", folder, *PUBLISHED)
    with np.load(folder / "found.npz") as found:
        return dict(found)


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_file_gives_what_keras_makes_of_it(name: str, published: dict[str, np.ndarray]) -> None:
    ours, theirs = published[f"{name}/ours"], published[f"{name}/theirs"]
    assert ours.shape == theirs.shape
    assert np.abs(theirs).max() > 0
    assert np.abs(ours - theirs).max() <= 1e-4 * np.abs(theirs).max()


def test_a_network_of_the_family_conforms() -> None:
    """Its steps are those of any network of Keras, which the parity of the backends takes."""
    checks = ("layers", "gradient", "differences")
    found = check_plugin("tensorflow", only=checks, backbones="keras:mobilenetv3small")
    assert sorted((one.check, one.status) for one in found) == sorted((check, "pass") for check in checks), found


def test_both_backends_have_the_same_networks() -> None:
    catalogue = load_catalogue()
    names = {backend: {name for on, name in catalogue.backbones if on == backend} for backend in catalogue.backends}
    assert names["tensorflow"] >= {"vgg19", "keras:vgg16", "keras:efficientnetb7"}
    if "jax" in names:
        assert names["jax"] == names["tensorflow"]


def test_files_are_read_where_there_is_no_tensorflow() -> None:
    """Whoever reads them chooses what Keras computes with, before Keras is imported."""
    if version_of("jax") is None:
        pytest.skip("JAX is not installed")
    code = """
import importlib.util
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, *more: None if name == "tensorflow" else found(name, *more)
from nstbench_keras.applications_networks import keras
print(keras.backend.backend())
"""
    environment = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=environment)
    assert (done.returncode, done.stdout) == (0, "jax\n"), done.stderr
