"""Pictures in another colour space than sRGB."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from nstbench.images.decode import decode

from .files import chunk, close, png_16


def exchanged_profile() -> bytes:
    """Return a matrix profile (ICC.1:2001) with sRGB's primaries exchanged, red for green, and gamma 1."""
    primaries = {
        b"rXYZ": (0.3851, 0.7169, 0.0971),
        b"gXYZ": (0.4361, 0.2225, 0.0139),
        b"bXYZ": (0.1431, 0.0606, 0.7141),
    }
    white = {b"wtpt": (0.9642, 1.0, 0.8249)}
    tags = {
        name: b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(value * 65536)) for value in xyz)
        for name, xyz in (primaries | white).items()
    }
    linear = b"curv\0\0\0\0" + struct.pack(">I", 0)
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), linear)
    tags[b"desc"] = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"test\0" + b"\0" * 78
    tags[b"cprt"] = b"text\0\0\0\0none\0"
    return profile(b"RGB ", tags)


def profile(space: bytes, tags: dict[bytes, bytes]) -> bytes:
    offset, table, data = 128 + 4 + 12 * len(tags), b"", b""
    for name, content in tags.items():
        content += b"\0" * (-len(content) % 4)
        table += name + struct.pack(">II", offset + len(data), len(content))
        data += content
    body = struct.pack(">I", len(tags)) + table + data
    head = struct.pack(">I4sI4s4s4s", 128 + len(body), b"lcms", 0x02100000, b"mntr", space, b"XYZ ")
    head += struct.pack(">6H", 2024, 1, 1, 0, 0, 0) + b"acsp" + b"\0" * 28
    head += struct.pack(">3i", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + body


def srgb_curve(linear: np.ndarray) -> np.ndarray:
    return 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif"])
def test_icc_profile_is_converted(tmp_path, suffix):
    pixels = np.full((40, 50, 3), (128, 64, 32), np.uint8)
    options = {"quality": 100, "subsampling": 0} if suffix == "jpg" else {}
    Image.fromarray(pixels).save(tmp_path / f"a.{suffix}", icc_profile=exchanged_profile(), **options)
    expected = srgb_curve(np.array([64, 128, 32]) / 255)  # red and green exchanged, gamma 1 to sRGB's
    assert close(decode(tmp_path / f"a.{suffix}"), np.broadcast_to(expected, pixels.shape), 3)


def test_icc_profile_with_alpha_grey_and_16_bits(tmp_path, deep):
    icc = exchanged_profile()
    grey = np.full((40, 50), 64, np.uint8)
    Image.fromarray(grey).save(tmp_path / "grey.png", icc_profile=icc)
    level = srgb_curve(np.array(64 / 255))
    assert close(decode(tmp_path / "grey.png"), np.full((40, 50, 3), level), 2)
    Image.fromarray(np.dstack([grey] * 3 + [grey * 0 + 128])).save(tmp_path / "rgba.png", icc_profile=icc)
    assert close(decode(tmp_path / "rgba.png"), np.full((40, 50, 3), level * 128 / 255 + 127), 2)
    compressed = chunk(b"iCCP", b"icc\0\0" + zlib.compress(icc))
    path = png_16(tmp_path / "deep.png", np.full((40, 50, 3), 64 * 257, np.uint16), compressed)
    assert close(decode(path), np.full((40, 50, 3), level), 2)


def test_srgb_profile_changes_nothing(tmp_path, rgb):
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.fromarray(rgb).save(tmp_path / "a.png", icc_profile=icc)
    assert close(decode(tmp_path / "a.png"), rgb)


def test_grey_profile(tmp_path, rgb):
    tags = {
        b"kTRC": b"curv\0\0\0\0" + struct.pack(">IH", 1, 461),  # gamma 1.8
        b"wtpt": b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061),
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", 5) + b"test\0" + b"\0" * 78,
        b"cprt": b"text\0\0\0\0none\0",
    }
    Image.fromarray(rgb[..., 0]).save(tmp_path / "a.png", icc_profile=profile(b"GRAY", tags))
    assert close(decode(tmp_path / "a.png"), srgb_curve((np.dstack([rgb[..., 0]] * 3) / 255) ** 1.8), 2)
    Image.fromarray(rgb).save(tmp_path / "b.png", icc_profile=profile(b"GRAY", tags))  # of another space: ignored
    np.testing.assert_array_equal(decode(tmp_path / "b.png"), rgb)


@pytest.mark.parametrize("icc", [b"nonsense", b"\0" * 200])
def test_broken_profile_is_ignored(tmp_path, rgb, icc):
    Image.fromarray(rgb).save(tmp_path / "a.png", icc_profile=icc)
    np.testing.assert_array_equal(decode(tmp_path / "a.png"), rgb)
