from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nstbench.images.decode import decode
from nstbench.images.header import upright_size


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp"])
@pytest.mark.parametrize("orientation", [1, 2, 3, 4, 5, 6, 7, 8, 77])
def test_the_size_is_that_of_the_decoded_picture(tmp_path: Path, suffix: str, orientation: int) -> None:
    path, exif = tmp_path / f"picture.{suffix}", Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(np.zeros((20, 40, 3), np.uint8)).save(path, exif=exif)
    assert upright_size(path) == decode(path).shape[:2]
    assert (upright_size(path) == (40, 20)) == (orientation in (5, 6, 7, 8))


def test_what_is_no_picture_has_no_size(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("no picture")
    assert upright_size(tmp_path / "text.png") is None
    assert upright_size(tmp_path / "absent.png") is None
    assert upright_size(tmp_path) is None
