"""What is measured: along each axis one thing grows and everything else stays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from contest.arithmetic import step_arithmetic
from contest.work import STYLE_LAYERS

__all__ = ["AXES", "CONTENT_LAYER", "QUICK", "Axis", "Point", "points"]

CONTENT_LAYER = "block5_conv2"


@dataclass(frozen=True, slots=True)
class Axis:
    """``values`` of what grows, on square pictures of ``size`` pixels, with ``iterations`` each."""

    name: str
    values: tuple[int, ...]
    size: int
    iterations: int


AXES = (
    Axis("size", (128, 192, 256, 384, 512, 768, 1024), 0, 3),
    Axis("layers", (1, 2, 3, 4, 5), 256, 5),
    Axis("batch", (1, 2, 4, 8, 16), 128, 4),
    Axis("cells", (1, 2, 5, 10, 20, 40), 64, 20),
)
QUICK = (
    Axis("size", (32, 48, 64), 0, 2),
    Axis("layers", (1, 5), 32, 2),
    Axis("batch", (1, 2), 32, 2),
    Axis("cells", (1, 3), 32, 2),
)


@dataclass(frozen=True, slots=True)
class Point:
    """One measurement: square pictures of ``size`` px, ``batch`` of them in one tensor, or a grid of ``cells``."""

    axis: str
    value: int
    size: int
    iterations: int
    layers: int = len(STYLE_LAYERS)
    batch: int = 1
    cells: int = 1

    @property
    def gflop(self) -> float:
        """Arithmetic of one step, of all pictures of the batch."""
        one = step_arithmetic(self.size, self.size, STYLE_LAYERS[: self.layers], CONTENT_LAYER)
        return self.batch * one.total / 1e9


def points(axis: Axis, values: Sequence[int] | None = None) -> Iterator[Point]:
    """Return the points of an axis, or those of other ``values``."""
    for value in values or axis.values:
        grown = {"size": axis.size, axis.name: value}
        yield Point(axis=axis.name, value=value, iterations=axis.iterations, **grown)
