"""Pictures that are to be turned before they are shown."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile
from PIL import Image

from nstbench.images.decode import decode

from .files import close, scaled


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation(tmp_path, orientation, suffix):
    quarters = np.zeros((64, 96, 3), np.uint8)
    quarters[:32, :48], quarters[:32, 48:], quarters[32:, :48] = (255, 0, 0), (0, 255, 0), (0, 0, 255)
    # The stored pixels whose display by EXIF 2.32 is `quarters`: row 0 and column 0 are at the sides that it names.
    swapped = quarters.transpose(1, 0, 2)
    stored = {
        1: quarters,
        2: quarters[:, ::-1],
        3: quarters[::-1, ::-1],
        4: quarters[::-1],
        5: swapped,
        6: swapped[::-1],
        7: swapped[::-1, ::-1],
        8: swapped[:, ::-1],
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(np.ascontiguousarray(stored)).save(tmp_path / f"a.{suffix}", exif=exif, quality=95)
    assert close(decode(tmp_path / f"a.{suffix}")[8::16, 8::16], quarters[8::16, 8::16], 12)


def test_16_bit_tiff_is_turned_once(tmp_path, deep):
    tifffile.imwrite(tmp_path / "a.tif", deep[..., :3], photometric="rgb", extratags=[(274, "H", 1, 6, True)])
    np.testing.assert_array_equal(decode(tmp_path / "a.tif"), scaled(deep[::-1, :, :3].transpose(1, 0, 2)))


@pytest.mark.parametrize("orientation", [0, 9, 77])
def test_unknown_orientation_is_ignored(tmp_path, rgb, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(rgb).save(tmp_path / "a.png", exif=exif)
    np.testing.assert_array_equal(decode(tmp_path / "a.png"), rgb)


def test_broken_exif_is_ignored(tmp_path, rgb):
    Image.fromarray(rgb).save(tmp_path / "a.png", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    np.testing.assert_array_equal(decode(tmp_path / "a.png"), rgb)
