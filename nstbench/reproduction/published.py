"""What the report prints: its Table 1, settings and formulas, as figures to compare with."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PRINTED_WEIGHTS", "TABLE_1", "TITLES", "Losses", "Weights"]


@dataclass(frozen=True, slots=True)
class Losses:
    """Weighted losses of one image: ``total`` is printed beside ``style`` and ``content``, not computed from them."""

    total: float
    style: float
    content: float


@dataclass(frozen=True, slots=True)
class Weights:
    """``content`` is the report's alpha, ``style`` its beta."""

    content: float
    style: float


TITLES = {"vgg19": "VGG19", "resnet50": "ResNet50"}
"""The networks as the report writes them."""

TABLE_1: dict[str, tuple[Losses, ...]] = {
    "vgg19": (
        Losses(8.83e5, 1.23e4, 8.71e5),
        Losses(3.42e5, 8.40e4, 2.58e5),
        Losses(6.13e5, 3.10e5, 3.03e5),
        Losses(1.02e7, 3.92e6, 6.24e6),
        Losses(9.34e6, 3.59e6, 5.74e6),
    ),
    "resnet50": (
        Losses(5.50e1, 5.33e1, 1.73),
        Losses(2.42e2, 2.40e2, 2.18),
        Losses(2.47e2, 2.45e2, 2.16),
        Losses(3.30e2, 3.28e2, 2.26),
        Losses(1.15e3, 1.11e3, 2.98),
    ),
}
"""Table 1 of the report: row i has the first i style layers."""

PRINTED_WEIGHTS = {"vgg19": Weights(1e5, 1e2), "resnet50": Weights(1.0, 1e5)}
"""Section 4 of the report."""
