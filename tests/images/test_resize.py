from __future__ import annotations

import hashlib

import numpy as np
import pytest
from PIL import Image

from nstbench.errors import ImageError
from nstbench.images.prepare import prepare
from nstbench.images.resize import resize, resize_to, target_size


@pytest.mark.parametrize(
    ("size", "long_side", "expected"),
    [
        ((512, 512), 128, (128, 128)),
        ((300, 451), 128, (85, 128)),  # 85.14
        ((451, 300), 128, (128, 85)),
        ((435, 768), 512, (290, 512)),
        ((3, 256), 128, (2, 128)),  # 1.5 up
        ((5, 256), 128, (3, 128)),  # 2.5 up, where round() would go to 2
        ((1, 1000), 100, (1, 100)),  # 0.1, at least 1
        ((40, 50), 128, (40, 50)),  # never enlarged
        ((128, 128), 128, (128, 128)),
    ],
)
def test_sizes(size, long_side, expected):
    assert target_size(*size, long_side) == expected


def test_lanczos():
    picture = np.random.default_rng(0).integers(0, 256, (96, 130, 3), dtype=np.uint8)
    expected = np.asarray(Image.fromarray(picture).resize((65, 48), Image.Resampling.LANCZOS))
    result = resize(picture, 65)
    np.testing.assert_array_equal(result, expected)
    assert result.flags.writeable
    np.testing.assert_array_equal(resize(picture, 1000), picture)


def test_resize_to_enlarges_too():
    picture = np.full((20, 30, 3), 7, np.uint8)
    assert resize_to(picture, 64, 48).shape == (64, 48, 3)
    same = resize_to(picture, 20, 30)
    same[:] = 0
    assert picture[0, 0, 0] == 7


@pytest.mark.parametrize(
    ("height", "width", "long_side"), [(31, 100, 512), (100, 31, 512), (100, 1000, 256), (64, 64, 31)]
)
def test_too_small(height, width, long_side):
    with pytest.raises(ImageError, match=r"image thing: \d+x\d+ px.* is below 32 px"):
        resize(np.zeros((height, width, 3), np.uint8), long_side, "thing")


def test_exactly_the_least():
    assert resize(np.zeros((64, 64, 3), np.uint8), 32).shape == (32, 32, 3)


def test_prepare(tmp_path, monkeypatch):
    monkeypatch.setenv("NSTBENCH_CACHE_DIR", str(tmp_path / "cache"))
    Image.new("RGB", (100, 80), "red").save(tmp_path / "a.png")
    prepared = prepare(tmp_path / "a.png", "a", 50)
    assert (prepared.height, prepared.width, prepared.array.shape) == (40, 50, (40, 50, 3))
    assert prepared.sha256 == hashlib.sha256((tmp_path / "a.png").read_bytes()).hexdigest()
    with pytest.raises(ImageError, match="image a: 25x20"):
        prepare(tmp_path / "a.png", "a", 25)
    with pytest.raises(ImageError, match=r"image a: .*b\.png cannot be read"):
        prepare(tmp_path / "b.png", "a", 25)
