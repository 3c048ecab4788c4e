"""What one process of the parity command measures, as plain data, and the processes themselves."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from nstbench.children import child_python
from nstbench.errors import RunError
from nstbench.images.prepare import prepare
from nstbench.images.shipped import shipped_file, unknown_picture
from nstbench.plugin import Catalogue
from nstbench.plugin.descriptors import BackboneInfo, BackendInfo
from nstbench.suite.names import backbone_infos
from nstbench.weights import canonicalise, locate, weights_info

__all__ = ["NetworkJob", "ParityJob", "measured", "pictures", "weights_file"]

NOISE = 5.0
"""Standard deviation, in grey levels, of the noise on the picture at which gradients are taken."""


class NetworkJob(msgspec.Struct, frozen=True):
    """A network as one backend announces it, and the canonical file of its weights."""

    backbone: BackboneInfo
    weights_path: str


class ParityJob(msgspec.Struct, frozen=True, kw_only=True):
    """One backend at one precision. ``losses`` maps ``role:name`` to a target, ``images`` is an .npz of ``pictures``.

    In float64 only the features and the image gradient are measured, and the latter is checked by differences along
    ``directions`` directions.
    """

    backend: BackendInfo
    precision: str
    device: str
    threads: int
    networks: tuple[NetworkJob, ...]
    losses: dict[str, str]
    images: str
    iterations: int
    learning_rates: tuple[float, ...]
    directions: int
    seed: int


def pictures(content: str, style: str, size: int, seed: int) -> dict[str, NDArray[Any]]:
    """Return ``content`` and ``style`` of scikit-image at ``size`` px, and ``probe``: content with seeded noise.

    Each is (1, H, W, 3), RGB 0-255. Raises ``RunError`` for a picture that scikit-image does not ship.
    """
    found = {"content": _picture(content, size), "style": _picture(style, size)}
    noise = np.random.RandomState(seed).normal(0.0, NOISE, found["content"].shape)
    return found | {"probe": (found["content"] + noise).astype(np.float32)}


def _picture(name: str, size: int) -> NDArray[np.float32]:
    path = shipped_file(name)
    if path is None:
        raise RunError(f"{unknown_picture(name)}.")
    return prepare(path, name, size).array[None].astype(np.float32)


def weights_file(name: str, backbone: str, catalogue: Catalogue, weights_dir: Path | None = None) -> str:
    """Return the canonical file of a weight set, made if need be. Raises ``WeightsError`` if it cannot be had."""
    about = next(iter(backbone_infos(catalogue, backbone).values()), None)
    info = weights_info(name, catalogue.weights, about or backbone)
    return str(canonicalise(locate(info, backbone, weights_dir), info, backbone)[0])


def measured(job: ParityJob, folder: Path) -> dict[str, NDArray[Any]]:
    """Run a job in a process of its own and return its arrays; see ``nstbench.testing.parity_worker`` for their names.

    Raises ``RunError`` with the last line of its log if it fails.
    """
    stem = folder / f"{job.backend.name}-{job.precision}"
    stem.with_suffix(".json").write_bytes(msgspec.json.encode(job))
    files = [str(stem.with_suffix(suffix)) for suffix in (".json", ".npz")]
    process = child_python("-m", "nstbench.testing.parity_worker", *files)
    done = subprocess.run(**process, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise RunError(f"{job.backend.name} ({job.precision}) failed with exit code {done.returncode}: {last}")
    with np.load(files[1]) as arrays:
        return dict(arrays)
