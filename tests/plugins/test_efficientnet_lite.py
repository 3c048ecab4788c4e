"""EfficientNet-Lite0 is the published network: it knows a cat from a cup, and its features and gradients are right."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from nstbench.errors import WeightsError
from nstbench.plugin import Catalogue, load_catalogue
from nstbench.weights import canonicalise, locate, weights_info

NAME, WEIGHTS = "efficientnet-lite0", "efficientnet-lite0-imagenet"
PROGRAM = Path(__file__).with_name("efficientnet_lite.py")
CATS = (281, 282, 285)  # tabby, tiger cat, Egyptian cat
ESPRESSO = 967
MISSILES = (657, 744)  # missile, projectile


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    found = load_catalogue()
    if ("torch", NAME) not in found.backbones:
        pytest.skip("its entry point is not installed; run pip install again")
    return found


@pytest.fixture(scope="module")
def canonical(catalogue: Catalogue) -> Path:
    info = weights_info(WEIGHTS, catalogue.weights, NAME)
    return canonicalise(locate(info, NAME), info, NAME)[0]


@pytest.fixture(scope="module")
def measured(canonical: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, np.ndarray]:
    out = tmp_path_factory.mktemp("lite") / "out.npz"
    command = [sys.executable, "-W", "error", str(PROGRAM), str(canonical), str(out)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return dict(np.load(out))


def part(measured: Mapping[str, np.ndarray], name: str) -> dict[str, np.ndarray]:
    return {key.partition("/")[2]: value for key, value in measured.items() if key.startswith(f"{name}/")}


@pytest.mark.torch
def test_it_sees_what_is_in_the_pictures(measured: Mapping[str, np.ndarray]) -> None:
    seen = part(measured, "probability")
    assert seen["chelsea"].argmax() in CATS and seen["chelsea"][list(CATS)].sum() > 0.8
    assert seen["coffee"].argmax() == ESPRESSO and seen["coffee"][ESPRESSO] > 0.8
    assert seen["rocket"].argmax() in MISSILES


@pytest.mark.torch
def test_no_other_convention_fits_the_stored_statistics_better(measured: Mapping[str, np.ndarray]) -> None:
    found = {name: float(value) for name, value in part(measured, "misfit").items()}
    ours = found.pop("as it is")
    assert len(found) == 2 and all(1.2 * ours < other for other in found.values()), (ours, found)


@pytest.mark.torch
def test_strides_fall_on_the_pixels_that_tensorflow_takes(measured: Mapping[str, np.ndarray]) -> None:
    for name, columns in part(measured, "sampled").items():
        even = name.endswith("8")
        np.testing.assert_allclose(columns, [1, 3, 5, 7] if even else [0, 2, 4, 6, 8], atol=1e-5, err_msg=name)


@pytest.mark.torch
def test_no_tap_is_overwritten_by_a_later_layer(measured: Mapping[str, np.ndarray], catalogue: Catalogue) -> None:
    taps, plain = part(measured, "tap"), part(measured, "plain")
    assert list(taps) == list(plain) == list(catalogue.backbones["torch", NAME].layers)
    for name, values in plain.items():
        np.testing.assert_allclose(taps[name], values, rtol=1e-4, atol=1e-4, err_msg=name)
        assert (values.min() < 0) == (name != "stem")  # a block ends in a linear projection, the stem in a ReLU6


@pytest.mark.torch
def test_the_gradient_is_the_slope(measured: Mapping[str, np.ndarray]) -> None:
    gradient, differences = measured["slopes"].T
    assert np.abs(gradient).min() > 0
    np.testing.assert_allclose(gradient, differences, rtol=1e-4)


@pytest.mark.torch
def test_what_is_announced_is_so(measured: Mapping[str, np.ndarray], catalogue: Catalogue) -> None:
    info = catalogue.backbones["torch", NAME]
    assert info.parameters is not None and info.parameters.total == measured["parameters"]
    for name, (counted, announced) in part(measured, "work").items():
        np.testing.assert_allclose(announced, counted, err_msg=name)
    assert set(info.costs) == set(info.layers)


@pytest.mark.torch
def test_the_users_own_file_is_read_the_same(catalogue: Catalogue, canonical: Path) -> None:
    from safetensors.numpy import load_file

    published = locate(weights_info(WEIGHTS, catalogue.weights, NAME), NAME).path
    info = weights_info(f"file:{published}", catalogue.weights, NAME)
    own = load_file(canonicalise(locate(info, NAME), info, NAME)[0])
    for name, values in load_file(canonical).items():
        assert np.array_equal(own[name], values)


@pytest.mark.torch
@pytest.mark.parametrize("content", [b"no weights", b""])
def test_another_file_is_refused(catalogue: Catalogue, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.pth"
    path.write_bytes(content)
    info = weights_info(f"file:{path}", catalogue.weights, NAME)
    with pytest.raises(WeightsError, match=r"this is no whole PyTorch file|this file is damaged"):
        canonicalise(locate(info, NAME), info, NAME)


def test_it_knows_nothing_of_the_torch_plugin() -> None:
    folder = Path(__file__).parents[2] / "plugins/nstbench_efficientnet_lite"
    sources = [path.read_text() for path in folder.glob("*.py")]
    assert len(sources) >= 3 and not any("nstbench_torch" in source for source in sources)
