"""The judge in a worker process: the referee's network, if it has one, and its metrics on one picture after another."""

from __future__ import annotations

import math
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nstbench.errors import NotApplicable
from nstbench.execute.failures import classify
from nstbench.execute.jobs import JudgeCell, JudgeJob
from nstbench.execute.kept import Kept
from nstbench.files import file_sha256
from nstbench.images.decode import decode
from nstbench.measure.environment import what_is_lacking
from nstbench.plugin.descriptors import MetricInfo
from nstbench.plugin.protocols import Backend, Extractor
from nstbench.plugin.target import load_target
from nstbench.weights.canonical import load_weight_set

__all__ = ["Bench"]

Pixels = NDArray[np.uint8]
Features = Mapping[str, NDArray[np.float64]]

_KEPT = 2
"""Pictures whose features are kept: a content and a style picture, which the next stylised one shares as a rule."""


@dataclass(slots=True)
class Bench:
    """What the pictures of one job share."""

    job: JudgeJob
    extractor: Extractor | None = None
    weights_sha256: str = ""
    _kept: Kept[str, Features] = field(default_factory=lambda: Kept(_KEPT))

    @classmethod
    def open(cls, job: JudgeJob) -> Bench:
        """Start the framework and build the network, if there is one, so that errors show before a picture."""
        if job.backend is None or job.backbone is None:
            return cls(job)
        backend: Backend = load_target(job.backend.target)()
        backend.configure(device=job.device, threads=job.threads, precision=job.precision)
        weights = load_weight_set(Path(job.weights_path))
        return cls(job, backend.open(job.backbone, weights, job.layers), weights.sha256)

    def judge(self, one: JudgeCell) -> dict[str, Any]:
        """Return the picture's hash, values and reasons, as a ``Score`` has them. Never raises."""
        try:
            sha256 = file_sha256(Path(one.image))
            exhibit = _Shown.of(self, one)
        except Exception as error:
            traceback.print_exc()
            status, reason = classify(error)
            return {"status": status, "reason": reason}
        values: dict[str, float | None] = {}
        reasons: dict[str, str] = {}
        for metric in self.job.metrics:
            _apply(metric, exhibit, values, reasons)
        fields = {"image_sha256": sha256, "values": values, "reasons": reasons}
        return fields | {"weights_sha256": self.weights_sha256}

    def features(self, pixels: Pixels, key: str = "") -> Features:
        """Return the network's features of a picture; those with a key are kept for the next picture."""
        if self.extractor is None:
            raise NotApplicable("this judge has no network")
        make = partial(_plain, self.extractor, pixels, self.job.precision)
        return self._kept.get(key, make) if key else make()


def _plain(extractor: Extractor, pixels: Pixels, precision: str) -> Features:
    found = extractor.features(pixels[None].astype(precision))
    # Backends hand out views in orders of their own, over which sums and products take several times as long.
    return {layer: np.ascontiguousarray(values[0], np.float64) for layer, values in found.items()}


@dataclass(slots=True)
class _Shown:
    """See ``nstbench.plugin.protocols.Exhibit``."""

    bench: Bench
    keys: Mapping[str, str]
    image: Pixels
    content: Pixels
    style: Pixels
    content_layers: tuple[str, ...]
    style_layers: tuple[str, ...]
    _own: Features | None = None

    @classmethod
    def of(cls, bench: Bench, one: JudgeCell) -> _Shown:
        image, content, style = (decode(Path(path)) for path in (one.image, one.content.path, one.style.path))
        keys = {"content": one.content.path, "style": one.style.path}
        return cls(bench, keys, image, content, style, bench.job.content_layers, bench.job.style_layers)

    def features(self, picture: Literal["image", "content", "style"]) -> Features:
        """Return ``{layer: (positions, channels)}``, worked out once."""
        if picture != "image":
            return self.bench.features(getattr(self, picture), self.keys[picture])
        if self._own is None:
            self._own = self.bench.features(self.image)
        return self._own


def _apply(metric: MetricInfo, exhibit: _Shown, values: dict[str, float | None], reasons: dict[str, str]) -> None:
    """Add what one metric says, or why it says nothing: whatever it raises costs its own value only."""
    values[metric.name] = None
    try:
        if lacking := what_is_lacking("it", metric.requires):
            raise NotApplicable(lacking)
        answer = load_target(metric.target)(exhibit)
        for part, value in (answer if isinstance(answer, Mapping) else {"": answer}).items():
            name = f"{metric.name}:{part}" if part else metric.name
            values[name] = _finite(value)
            if values[name] is None:
                reasons[name] = f"the metric returned {float(value)}"
    except NotApplicable as reason:
        reasons[metric.name] = str(reason)
    except Exception as error:
        traceback.print_exc()
        reasons[metric.name] = classify(error)[1]


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
