"""What determines a judgement, as one hash: where it has changed, the picture is judged again."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

import nstbench
from nstbench.execute.identity import backbone_packages, backend_version
from nstbench.measure.environment import distribution_version
from nstbench.plugin import Catalogue
from nstbench.plugin.code import announced_code, folders_code
from nstbench.plugin.descriptors import MetricInfo
from nstbench.referee.choose import Judge
from nstbench.results.scores import SCORE_SCHEMA
from nstbench.weights.naming import reader_code

__all__ = ["judge_identity", "judgement_identity"]

_CORE = ("referee", "images", "transfer", "weights")
"""The rooms of nstbench whose code decides a judgement."""


def judge_identity(judge: Judge, catalogue: Catalogue) -> str:
    """Return the sha256 of everything about a judge that determines what it says; the device does not."""
    described = {
        "network": _network(judge, catalogue) if judge.backend else None,
        "layers": [judge.content_layers, judge.style_layers],
        "metrics": [_metric(one, catalogue) for one in judge.metrics],
        "precision": judge.precision,
        "core": _core_code(),
        "schema": SCORE_SCHEMA,
    }
    return _sha256(described)


def judgement_identity(judge: str, image: str, content: str, style: str, image_size: int) -> str:
    """Return the sha256 of one judgement: the judge's identity, the picture's hash, those of the two it was made of."""
    return _sha256([judge, image, content, style, image_size])


def _network(judge: Judge, catalogue: Catalogue) -> dict[str, Any]:
    if judge.backend is None or judge.backbone is None or judge.weights is None:
        return {}
    backend, backbone, weights = judge.backend.name, judge.backbone, judge.weights
    packages = backbone_packages(backend, backbone.name, catalogue)
    described: dict[str, Any] = {
        "backbone": backbone.name,
        "frameworks": backend_version(backend, catalogue),
        "plugins": [
            announced_code(catalogue, "backends", backend),
            announced_code(catalogue, "backbones", (backend, backbone.name)),
        ],
        "weights": [judge.weights_name, weights.sha256, reader_code(weights.info)],
    }
    return described | ({"packages": packages} if packages else {})


def _metric(metric: MetricInfo, catalogue: Catalogue) -> list[Any]:
    versions = [distribution_version(name) for name in metric.requires]
    return [metric.name, metric.target, announced_code(catalogue, "metrics", metric.name), versions]


@cache
def _core_code() -> str:
    root = Path(nstbench.__file__).parent
    return folders_code([root / room for room in _CORE])


def _sha256(described: object) -> str:
    return hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()
