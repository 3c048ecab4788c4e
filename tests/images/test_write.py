from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from nstbench.errors import ImageError, RunError
from nstbench.images.decode import decode
from nstbench.images.write import read_settings, save_png, to_uint8
from nstbench.suite.cell import Optimizer


def test_to_uint8_rounds_and_clips():
    values = np.array([-3.0, 0.4, 0.5, 1.5, 254.6, 300.0, np.nan, np.inf, -np.inf], np.float32)
    assert to_uint8(values).tolist() == [0, 0, 0, 2, 255, 255, 0, 255, 0]
    assert to_uint8(np.array([7], np.uint8)).tolist() == [7]
    assert to_uint8(np.array([-7, 300])).tolist() == [0, 255]


def test_settings_come_back(tmp_path):
    picture = np.random.default_rng(0).uniform(0, 255, (40, 50, 3)).astype(np.float32)
    settings = {"style": "Ströme – 神奈川", "layers": ("a", "b"), "lr": 5.0, "bad": float("nan"), "none": None}
    save_png(picture, tmp_path / "a.png", settings | {"optimizer": Optimizer(name="adam", beta1=0.99)})
    np.testing.assert_array_equal(decode(tmp_path / "a.png"), np.rint(picture))
    found = read_settings(tmp_path / "a.png")
    assert found.pop("optimizer")["beta1"] == 0.99
    assert found == settings | {"layers": ["a", "b"], "bad": None}
    with Image.open(tmp_path / "a.png") as image:
        assert image.info["Software"].startswith("nstbench ")
    assert b"tEXtnstbench\0{" in (tmp_path / "a.png").read_bytes()


def test_the_same_bytes_each_time(tmp_path):
    picture = np.zeros((40, 50, 3), np.uint8)
    save_png(picture, tmp_path / "a.png", {"x": 1, "y": 2})
    save_png(picture, tmp_path / "b.png", {"y": 2, "x": 1})
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "b.png"]


def test_no_settings(tmp_path):
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"x")
    for name in ("a.png", "b.png", "c.png"):
        with pytest.raises(ImageError, match="holds no settings"):
            read_settings(tmp_path / name)


def test_no_room(tmp_path, monkeypatch):
    def full(*_args, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", full)
    with pytest.raises(RunError, match="No space left on device"):
        save_png(np.zeros((4, 4, 3), np.uint8), tmp_path / "a.png", {})
    assert not list(tmp_path.iterdir())
