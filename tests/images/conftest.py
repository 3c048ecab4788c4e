"""Pixels of 8 and of 16 bits."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.fixture
def rgb() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (40, 50, 3), dtype=np.uint8)


@pytest.fixture
def deep() -> np.ndarray:
    values = np.random.default_rng(1).integers(0, 65536, (40, 50, 4), dtype=np.uint16)
    values[0, :6, 0] = (0, 65535, 128, 129, 257, 65406)
    return values
