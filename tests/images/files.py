"""Pixels as they should come out, and a writer of files that Pillow does not write."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np


def scaled(values: np.ndarray) -> np.ndarray:
    return np.rint(values.astype(float) / 257).astype(np.uint8)


def over_white(colour: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    share = alpha.astype(float)[..., None] / 255
    return np.rint(colour * share + 255 * (1 - share))


def close(a: np.ndarray, b: np.ndarray, levels: float = 1) -> bool:
    return a.shape == b.shape and bool(np.abs(a.astype(float) - b.astype(float)).max() <= levels)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_16(path: Path, values: np.ndarray, *extra: bytes, interlaced: bool = False) -> Path:
    """Write a 16-bit PNG by the specification, since Pillow writes none in colour."""
    values = values.reshape(*values.shape[:2], -1)
    height, width, channels = values.shape
    kind = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    parts = [values[y::dy, x::dx] for x, y, dx, dy in passes] if interlaced else [values]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for part in parts for row in part if row.size)
    header = struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, int(interlaced))
    body = chunk(b"IHDR", header) + b"".join(extra) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    return path
