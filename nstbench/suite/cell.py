"""One point of the grid, as plain data."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import PurePath
from typing import Any, Literal

import msgspec

__all__ = ["Cell", "Optimizer", "without_folder"]


class Optimizer(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of the optimiser; the Adam fields are None for L-BFGS."""

    name: Literal["adam", "lbfgs"]
    learning_rate: float | None = None
    beta1: float | None = None
    beta2: float | None = None
    epsilon: float | None = None
    epsilon_placement: Literal["tensorflow", "pytorch"] | None = None


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """Content x style x backbone x backend x weights x layer set x losses x hyperparameters x seed x repeat.

    ``label`` is the key in the suite, ``backbone`` the network it names. ``weights`` lists names in order of
    preference. ``init`` is ``content``, ``style``, ``noise``, ``mixed`` or ``file:PATH``. ``skipped`` says why the
    suite itself excludes the cell, else it is empty. ``init_noise`` is a standard deviation in grey levels.
    """

    content: str
    style: str
    label: str
    backbone: str
    backend: str
    weights: tuple[str, ...]
    layer_set: str
    content_layers: tuple[str, ...]
    style_layers: tuple[str, ...]
    content_loss: str
    style_loss: str
    content_weight: float
    style_weight: float
    total_variation_weight: float
    optimizer: Optimizer
    iterations: int
    init: str
    seed: int
    image_size: int
    precision: str = "float32"
    skipped: str = ""
    repeat: int = 0
    init_noise: float = 0.0
    total_variation_loss: str = "anisotropic"

    @property
    def title(self) -> str:
        """What ``--only`` matches: ``content/style/backbone/backend/weights/layer-set``."""
        return self.title_with(self.weights[0])

    def title_with(self, weights: str) -> str:
        """Return the title with one name of the weights in the place of the first in order of preference."""
        return "/".join([self.content, self.style, self.label, self.backend, without_folder(weights), self.layer_set])

    @property
    def id(self) -> str:
        """Name of the cell's folder: readable coordinates and a hash of all of them (not of ``skipped``).

        A field added after ``skipped`` counts only where it is not at its default, so old folders keep their names.
        """
        coordinates = msgspec.to_builtins(msgspec.structs.replace(self, skipped=""))
        for name, default in _added().items():
            if coordinates[name] == default:
                del coordinates[name]
        digest = hashlib.sha256(msgspec.json.encode(coordinates, order="sorted")).hexdigest()[:12]
        words = (self.content, self.style, self.label, self.backend, self.layer_set)
        readable = "_".join(re.sub(r"[^a-z0-9.-]+", "-", word)[:24].strip(".-") for word in words)
        return f"{readable}_{digest}"


@cache
def _added() -> dict[str, Any]:
    """Return the defaults of the fields after ``skipped``."""
    fields = msgspec.structs.fields(Cell)
    names = [field.name for field in fields]
    return {field.name: field.default for field in fields[names.index("skipped") + 1 :]}


def without_folder(name: str) -> str:
    """Return weights or an init as titles and records give it: of a user's own file only its name, not its folder."""
    return f"file:{PurePath(name.removeprefix('file:')).name}" if name.startswith("file:") else name
