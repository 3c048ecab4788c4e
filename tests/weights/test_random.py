from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest

from nstbench.errors import WeightsError
from nstbench.weights import canonicalise, locate, weights_info
from nstbench.weights.random import random_tensors

PINNED = {
    "vgg19": "0e3a783b814b3fc33bfff1da515b417547147c246a4b12e57377c64199ceb12b",
    "resnet50": "5a8592504bc199103b12eb5933c117ba7ee30402727212da9c3cf8c6b39f77d8",
}
TAPS = """
import sys
from pathlib import Path
import numpy as np, skimage, torch
from PIL import Image
from nstbench.weights import load_weight_set
from nstbench_torch import networks
from nstbench_torch.imports import import_torchvision
from nstbench_torch.layers import nodes
backbone, path = sys.argv[1:]
weights = load_weight_set(Path(path))
model = getattr(networks, "build_" + backbone)(weights)
photo = np.asarray(Image.fromarray(skimage.data.astronaut()).resize((128, 128), Image.Resampling.LANCZOS), np.float32)
image = (photo[..., ::-1] - np.array(weights.preprocessing.mean, np.float32)).transpose(2, 0, 1)[None].copy()
extract = import_torchvision("torchvision.models.feature_extraction").create_feature_extractor
names = nodes(backbone)
with torch.no_grad():
    found = extract(model, list(names.values()))(torch.from_numpy(image))
for name, node in names.items():
    print(name, float(found[node].std(correction=0)))
"""


def digest(tensors: dict[str, np.ndarray]) -> str:
    found = hashlib.sha256()
    for name in sorted(tensors):
        assert tensors[name].dtype == np.float32
        found.update(name.encode() + str(tensors[name].shape).encode() + np.ascontiguousarray(tensors[name]).tobytes())
    return found.hexdigest()


@pytest.mark.parametrize("backbone", sorted(PINNED))
def test_the_tensors_are_these_and_no_others(backbone: str) -> None:
    assert digest(random_tensors(backbone, 0)) == PINNED[backbone]


def test_the_recipe() -> None:
    tensors = random_tensors("resnet50", 7)
    stream = np.random.RandomState(crc32(b"7:conv2_block1_2_conv")).random_sample(3 * 3 * 64 * 64)
    expected = ((2 * stream - 1) * np.sqrt(6 / (3 * 3 * 64))).reshape(3, 3, 64, 64)
    np.testing.assert_array_equal(tensors["conv2_block1_2_conv/kernel"], expected.astype(np.float32))
    assert set(tensors["conv2_block1_2_conv/bias"]) == {0.0}
    assert set(tensors["conv1_bn/moving_variance"]) == {1e4}
    assert set(tensors["conv2_block1_0_bn/moving_variance"]) == {1.0}
    assert set(tensors["conv2_block1_3_bn/gamma"]) == {0.25}
    assert set(tensors["conv2_block1_2_bn/gamma"]) == set(tensors["conv2_block1_0_bn/gamma"]) == {1.0}
    assert set(tensors["conv2_block1_3_bn/beta"]) == set(tensors["conv2_block1_3_bn/moving_mean"]) == {0.0}


def test_another_seed_is_another_network() -> None:
    one, other = (random_tensors("vgg19", seed)["block1_conv1/kernel"] for seed in (0, 1))
    assert not np.array_equal(one, other)


@pytest.mark.torch
@pytest.mark.parametrize("backbone", ["resnet50", "vgg19"])
def test_every_tap_has_a_scale_one_can_work_with(backbone: str) -> None:
    info = weights_info("random:0", {}, backbone)
    path, _ = canonicalise(locate(info, backbone), info, backbone)
    command = [sys.executable, "-c", TAPS, backbone, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    scales = {line.split()[0]: float(line.split()[1]) for line in done.stdout.splitlines()}
    assert len(scales) == {"vgg19": 21, "resnet50": 172}[backbone]
    # Before the first normalisation, which VGG19 does not have, values are as large as the image's 0-255.
    units = {name: 100.0 if backbone == "vgg19" or name == "conv1_conv" else 1.0 for name in scales}
    assert {name: scale for name, scale in scales.items() if not 0.1 <= scale / units[name] <= 3} == {}


@pytest.mark.parametrize("seed", ["", "-1", "01", "1.0", "x", "4294967296", "0 ", "٣"])
def test_seeds_are_whole_numbers(seed: str) -> None:
    with pytest.raises(WeightsError, match="the seed must be a whole number"):
        weights_info(f"random:{seed}", {}, "vgg19")


def test_random_weights_need_no_file(tmp_path: Path) -> None:
    assert locate(weights_info("random:3", {}, "vgg19"), "vgg19", tmp_path).kind == "generated"
