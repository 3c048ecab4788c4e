"""The canonical file of a weight set: safetensors, float32, Keras' names and layouts, the same bytes each time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nstbench.errors import WeightsError
from nstbench.files import file_sha256, replacing
from nstbench.plugin.descriptors import Preprocessing
from nstbench.weights.architecture import NETWORKS, check_tensors
from nstbench.weights.weight_set import WeightSet

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Header", "check_file", "header_of", "load_weight_set", "read_header", "save_weight_set"]

KEY = "nstbench"
"""One metadata entry holds everything: safetensors writes several in no fixed order."""
MAX_HEADER = 10_000_000
"""Bytes; a real one has some ten thousand."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a canonical file says about itself. ``source_sha256`` is the published file's, empty for generated ones."""

    name: str
    backbone: str
    architecture: str
    preprocessing: Preprocessing
    source_sha256: str = ""


def save_weight_set(path: Path, header: Header, tensors: Mapping[str, NDArray[np.float32]]) -> str:
    """Write the canonical file whole or not at all and return its sha256.

    The same header and tensors give the same file. Raises ``RunError`` where the folder cannot be written.
    """
    import numpy as np
    from safetensors.numpy import save

    ordered = {name: np.asarray(tensors[name], dtype=np.float32, order="C") for name in sorted(tensors)}
    data = save(ordered, metadata={KEY: json.dumps(asdict(header), sort_keys=True)})
    with replacing(path) as temporary:
        temporary.write_bytes(data)
    return file_sha256(path)


def load_weight_set(path: Path) -> WeightSet:
    """Read a canonical file. Raises ``WeightsError`` if it is damaged or is another kind of file."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    header = read_header(path)
    try:
        tensors = load_file(path)
        sha256 = file_sha256(path)
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise WeightsError(f"{path} is damaged ({error}). Delete it and run again.") from error
    return WeightSet(header.name, header.backbone, sha256, header.architecture, header.preprocessing, tensors)


def read_header(path: Path) -> Header:
    """Read what the file says about itself, without its tensors and without NumPy.

    Raises ``WeightsError`` if this is not a canonical file, or if its end is missing.
    """
    return _read(path)[0]


def check_file(path: Path, backbone: str) -> None:
    """Raise ``WeightsError`` unless this canonical file is whole and has every tensor of ``backbone``."""
    header, shapes = _read(path)
    try:
        if backbone in NETWORKS:  # of others the shapes are not known here
            check_tensors(backbone, header.architecture, shapes)
    except WeightsError as error:
        raise WeightsError(f"{path}: {error}") from error


@dataclass(frozen=True, slots=True)
class Stored:
    """A tensor that was not read; only its shape is known."""

    shape: tuple[int, ...]


def _read(path: Path) -> tuple[Header, dict[str, Stored]]:
    try:
        with path.open("rb") as file:
            size = int.from_bytes(file.read(8), "little")
            text = file.read(size) if size <= MAX_HEADER else b""
    except OSError as error:
        raise WeightsError(f"cannot read {path} ({error.strerror}).") from error
    try:
        table = json.loads(text)
        header = header_of(json.loads(table.pop("__metadata__")[KEY]))
        shapes = {name: Stored(tuple(entry["shape"])) for name, entry in table.items()}
        end = 8 + size + max((entry["data_offsets"][1] for entry in table.values()), default=0)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise WeightsError(
            f"{path} is not a weights file of nstbench: it does not say which network and preprocessing it is for."
        ) from error
    if path.stat().st_size != end:
        raise WeightsError(f"{path} is damaged: it has {path.stat().st_size} bytes instead of {end}.")
    return header, shapes


def header_of(fields: dict[str, Any]) -> Header:
    """Return the header from its JSON form. Raises ``KeyError``, ``TypeError`` or ``ValueError`` if it is none."""
    fields = dict(fields)
    given = fields.pop("preprocessing")
    channels, mean, std = given["channels"], tuple(map(float, given["mean"])), tuple(map(float, given["std"]))
    if channels not in ("RGB", "BGR") or len(mean) != 3 or len(std) != 3:
        raise ValueError("preprocessing")
    return Header(**fields, preprocessing=Preprocessing(channels, mean, std))
