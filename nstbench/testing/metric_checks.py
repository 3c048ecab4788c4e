"""What the conformance kit asks of a metric: a finite value for a pair of pictures, or why there is none; twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nstbench.errors import NotApplicable
from nstbench.measure.environment import what_is_lacking
from nstbench.plugin.descriptors import MetricInfo
from nstbench.plugin.protocols import Metric
from nstbench.plugin.target import load_target
from nstbench.testing.nonconforming import Nonconforming

__all__ = ["METRIC_CHECKS", "MetricBench"]

Pixels = NDArray[np.uint8]

CHANNELS = 8


@dataclass(slots=True)
class Shown:
    """An exhibit whose network is random mixtures of square patches: features without a framework."""

    image: Pixels
    content: Pixels
    style: Pixels
    content_layers: tuple[str, ...]
    style_layers: tuple[str, ...]

    def features(self, picture: Literal["image", "content", "style"]) -> Mapping[str, NDArray[np.float64]]:
        """Return ``{layer: (positions, channels)}``; the patches of each layer are twice those of the one before."""
        pixels: Pixels = getattr(self, picture)
        names = dict.fromkeys((*self.style_layers, *self.content_layers))
        return {name: _mixtures(pixels, 4 * 2 ** min(depth, 2)) for depth, name in enumerate(names)}


def _mixtures(pixels: Pixels, side: int) -> NDArray[np.float64]:
    rows, columns = pixels.shape[0] // side, pixels.shape[1] // side
    cut = pixels[: rows * side, : columns * side].reshape(rows, side, columns, side, 3)
    patches = cut.swapaxes(1, 2).reshape(rows * columns, -1) / 255.0
    mixture = np.random.RandomState(side).normal(size=(patches.shape[1], CHANNELS)) / side
    return np.maximum(patches @ mixture, 0.0)


@dataclass(frozen=True, slots=True)
class MetricBench:
    """A metric and the pictures it is shown."""

    info: MetricInfo
    images: Mapping[str, Pixels]

    @classmethod
    def open(cls, info: MetricInfo, images: Path) -> MetricBench:
        """Read the pictures; the stylised one is half content, half style."""
        with np.load(images) as arrays:
            content, style = (arrays[name][0].astype(np.uint8) for name in ("content", "style"))
        style = style[: content.shape[0], : content.shape[1]]
        return cls(info, {"image": content // 2 + style // 2, "content": content, "style": style})

    def values(self) -> dict[str, float]:
        """Return the metric's values by part. Raises ``NotApplicable`` as the metric does."""
        if lacking := what_is_lacking("it", self.info.requires):
            raise NotApplicable(lacking)
        metric: Metric = load_target(self.info.target)
        layers = next(iter(self.info.layers.values()), ("shallow", "deep"))
        found = metric(Shown(**self.images, content_layers=layers, style_layers=layers))
        return {str(part): value for part, value in found.items()} if isinstance(found, Mapping) else {"": found}


def value(bench: MetricBench) -> str:
    """The value is finite, or the metric says why there is none."""
    try:
        found = bench.values()
    except NotApplicable as reason:
        if not str(reason).strip():
            raise Nonconforming("it raises NotApplicable without a reason. Say in it why there is no value.") from None
        raise
    for part, one in found.items():
        if isinstance(one, bool) or not isinstance(one, int | float | np.floating) or not np.isfinite(one):
            where = f"its part {part!r}" if part else "its value"
            raise Nonconforming(
                f"{where} is {one!r}, not a finite number. Return a float, and where a picture has none, raise "
                "nstbench.errors.NotApplicable with the reason."
            )
    if not found:
        raise Nonconforming("it returns no value at all. Return a float, or a mapping with a value for ''.")
    return ", ".join(f"{part or bench.info.name} {one:.4g}" for part, one in found.items())


def repeat(bench: MetricBench) -> str:
    """The same pictures have the same value."""
    first, second = bench.values(), bench.values()
    if first != second:
        raise Nonconforming(
            f"the same pictures are {first} first and {second} then. Draw no random numbers without a fixed seed, and "
            "do not write into the pictures or features."
        )
    return "twice the same"


METRIC_CHECKS: dict[str, Callable[[MetricBench], str]] = {check.__name__: check for check in (value, repeat)}
"""By name."""
