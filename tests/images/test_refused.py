"""Files that are no picture, or a damaged or dangerous one: refused with a reason, whatever is in them."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from nstbench.errors import ImageError
from nstbench.images.decode import decode

from .files import chunk


def refused(path: Path, pattern: str) -> None:
    with pytest.raises(ImageError, match=pattern) as caught:
        decode(path)
    message = str(caught.value)
    assert path.name in message
    assert "\n" not in message
    assert message.count(". ") <= 1


def test_missing_directory_empty_and_text(tmp_path):
    refused(tmp_path / "none.png", "no such file")
    refused(tmp_path, "it is a folder")
    (tmp_path / "empty.png").touch()
    refused(tmp_path / "empty.png", "the file is empty")
    (tmp_path / "text.png").write_text("<html>not found</html>")
    refused(tmp_path / "text.png", "damaged, or of a kind")


def test_postscript_is_not_run(tmp_path):
    (tmp_path / "a.eps").write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 50 40\n%%EndComments\n")
    refused(tmp_path / "a.eps", "damaged, or of a kind")


def test_corrupt_and_truncated(tmp_path, rgb):
    Image.fromarray(rgb).save(tmp_path / "a.png")
    Image.fromarray(rgb).save(tmp_path / "a.jpg")
    tifffile.imwrite(tmp_path / "a.tif", rgb, photometric="rgb", compression="zlib")
    for name in ("a.png", "a.jpg", "a.tif"):
        whole = (tmp_path / name).read_bytes()
        for part in (10, len(whole) // 3, len(whole) * 2 // 3):
            (tmp_path / name).write_bytes(whole[:part])
            refused(tmp_path / name, "cannot be read as an image")
    Image.fromarray(rgb).save(tmp_path / "b.png")
    data = bytearray((tmp_path / "b.png").read_bytes())
    middle = len(data) // 2
    data[middle : middle + 40] = b"\xaa" * 40
    (tmp_path / "b.png").write_bytes(data)
    refused(tmp_path / "b.png", "cannot be read as an image")


def test_random_damage_never_escapes(tmp_path, rgb):
    """Anything may come out of a damaged file but an exception other than ours, or a warning."""
    generator = np.random.default_rng(3)
    path = tmp_path / "a.bin"
    for kind in ("PNG", "JPEG", "TIFF", "GIF", "WEBP", "BMP"):
        buffer = io.BytesIO()
        Image.fromarray(rgb).save(buffer, format=kind)
        for _ in range(40):
            data = bytearray(buffer.getvalue())
            for place in generator.integers(0, min(len(data), 400), 4):
                data[place] = generator.integers(0, 256)
            path.write_bytes(data)
            try:
                result = decode(path)
            except ImageError:
                continue
            assert result.ndim == 3
            assert result.shape[2] == 3


def test_decompression_bomb(tmp_path):
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0))
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 1000)))
    refused(tmp_path / "a.png", "too many pixels")


def test_unreadable(tmp_path, rgb, monkeypatch):
    Image.fromarray(rgb).save(tmp_path / "a.png")

    def refuse(*_args, **_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Image, "open", refuse)
    refused(tmp_path / "a.png", "permission denied")
