"""The work that all contestants are given, as one JSON file; read with the standard library alone."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

__all__ = ["Work", "read_work", "write_work"]


@dataclass(frozen=True, slots=True)
class Work:
    """One transfer, from the content picture, with torch's Adam; layers by their Keras names.

    ``content`` and ``style`` are PNG files that have the working size already. ``weights`` is an .npz with
    ``<layer>/kernel`` (height, width, in, out) and ``<layer>/bias``, for RGB brought to BGR less ``mean`` (BGR).
    Total = ``content_weight`` x mean (F - P)^2 + ``style_weight`` x the mean over style layers of mean (G/M - A/M)^2;
    ``learning_rate`` is in grey levels. ``jobs`` are nstbench's own job files by ``backend/precision``. ``folder``
    takes what a contestant leaves; ``check`` asks it for its first gradient.
    """

    content: str
    style: str
    weights: str
    folder: str
    jobs: dict[str, str]
    content_layer: str
    style_layers: tuple[str, ...]
    content_weight: float
    style_weight: float
    learning_rate: float
    betas: tuple[float, float]
    epsilon: float
    mean: tuple[float, float, float]
    threads: int
    height: int
    width: int
    check: bool = False

    @property
    def layers(self) -> tuple[str, ...]:
        """Every layer that is looked at; the content layer last, since it is the deepest."""
        return (*self.style_layers, self.content_layer)


def write_work(path: Path, work: Work) -> None:
    """Write the file."""
    path.write_text(json.dumps(asdict(work), indent=1), encoding="utf-8")


def read_work(path: Path) -> Work:
    """Read the file."""
    fields: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    lists = {name: tuple(value) for name, value in fields.items() if isinstance(value, list)}
    return Work(**fields | lists)
