"""Weight files in the published formats, with generated values, and one cache for all tests here."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from nstbench.plugin.descriptors import Preprocessing
from nstbench.weights import save_weight_set
from nstbench.weights.architecture import parameter_shapes
from nstbench.weights.canonical import Header

Tensors = Mapping[str, np.ndarray]


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NSTBENCH_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("PYTHONPATH", ":".join(path for path in sys.path if path))
        yield


@pytest.fixture(scope="session")
def generated() -> Callable[[str, str], dict[str, np.ndarray]]:
    """Return tensors of a network as training might leave them: nothing is zero, one, or alike in all channels."""

    def make(backbone: str, architecture: str) -> dict[str, np.ndarray]:
        random = np.random.default_rng(0)
        found: dict[str, np.ndarray] = {}
        for name, shape in parameter_shapes(backbone, architecture).items():
            values = random.standard_normal(shape, dtype=np.float32)
            parameter = name.rpartition("/")[2]
            if parameter == "kernel":
                values *= np.float32(np.sqrt(2 / np.prod(shape[:3])))
            elif parameter in ("gamma", "moving_variance"):
                values = np.float32(0.5) + random.random(shape, dtype=np.float32)
            found[name] = values if parameter != "gamma" or "_3_bn" not in name else values * np.float32(0.3)
        return found

    return make


@pytest.fixture(scope="session")
def canonical(tmp_path_factory: pytest.TempPathFactory, generated: object) -> Callable[[str, str], Path]:
    """Write generated tensors of a network as a canonical file."""
    folder = tmp_path_factory.mktemp("canonical")

    def write(backbone: str, architecture: str) -> Path:
        path = folder / f"{backbone}-{architecture}.safetensors"
        if not path.exists():
            header = Header("generated", backbone, architecture, Preprocessing("RGB", (1, 2, 3)))
            save_weight_set(path, header, generated(backbone, architecture))  # type: ignore[operator]
        return path

    return write
