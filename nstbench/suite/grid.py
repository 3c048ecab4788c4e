"""The grid of a suite: every combination of what it varies, as cells."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import UNSET

from nstbench.errors import SuiteError
from nstbench.plugin.descriptors import BackboneInfo
from nstbench.suite.cell import Cell, Optimizer
from nstbench.suite.layers import content_layers, style_sets
from nstbench.suite.load import Suite
from nstbench.suite.names import Catalogue, as_tuple, backbone_infos, backbone_name
from nstbench.suite.schema import Entry, SuiteSpec

__all__ = ["MAX_CELLS", "count_cells", "expand"]

MAX_CELLS = 100_000


def expand(suite: Suite, catalogue: Catalogue) -> tuple[Cell, ...]:
    """Return all cells in a stable order: size, content, style, label, backend, layer set, the other axes, repeat.

    Cells that the suite itself excludes are there, with the reason in ``skipped``. Exact duplicates (one value given
    twice; Adam settings varied under L-BFGS) are there once. The names must have passed ``check_names``.

    Raises ``SuiteError`` if there would be more than ``MAX_CELLS``.
    """
    count = count_cells(suite.spec)
    if count > MAX_CELLS:
        raise SuiteError(f"{suite.path}: the grid has {count} cells, more than {MAX_CELLS}; vary fewer settings")
    return tuple(dict.fromkeys(_cells(suite.spec, catalogue)))


def count_cells(spec: SuiteSpec) -> int:
    """Return the size of the grid, duplicates counted, without making it."""
    shared = len(_values(spec.image_size)) * len(spec.images.content) * len(spec.images.style)
    per_backend = sum(
        len(style_sets(entry, ())) * math.prod(len(axis) for axis in _axes(spec, entry).values())
        for entry in spec.backbones.values()
    )
    return shared * len(as_tuple(spec.backends)) * per_backend


def _cells(spec: SuiteSpec, catalogue: Catalogue) -> Iterator[Cell]:
    images = itertools.product(_values(spec.image_size), spec.images.content, spec.images.style)
    for image_size, content, style in images:
        for label, entry in spec.backbones.items():
            for backend in as_tuple(spec.backends):
                info = _info(catalogue, backbone_name(label, entry), backend)
                shared = {"image_size": image_size, "content": content, "style": style, "label": label}
                yield from _column(spec, entry, info, shared | {"backend": backend})


def _column(spec: SuiteSpec, entry: Entry, info: BackboneInfo, shared: dict[str, Any]) -> Iterator[Cell]:
    """Yield the cells of one pair of images on one backbone and backend."""
    backends = as_tuple(entry.backends)
    skipped = (
        "" if not backends or shared["backend"] in backends else f"the suite runs it on {', '.join(backends)} only"
    )
    content = content_layers(entry, info.content_layers)
    for number, style in enumerate(style_sets(entry, info.style_layers), start=1):
        for point in _points(_axes(spec, entry)):
            optimizer = _optimizer({key: point.pop(key) for key in Optimizer.__struct_fields__})
            yield Cell(
                **shared,
                backbone=info.name,
                weights=as_tuple(entry.weights),
                layer_set=str(number),
                content_layers=content,
                style_layers=style,
                optimizer=optimizer,
                init_noise=_init_noise(spec),
                skipped=skipped,
                **_weighted(point, info),
            )


def _axes(spec: SuiteSpec, entry: Entry) -> dict[str, tuple[Any, ...]]:
    """Return the values of the axes that a backbone may set for itself, and of those that come last."""
    return {
        "content_loss": _values(entry.loss.content, spec.loss.content),
        "style_loss": _values(entry.loss.style, spec.loss.style),
        "content_weight": _values(entry.content_weight, None),
        "style_weight": _values(entry.style_weight, None),
        "total_variation_weight": _values(entry.total_variation_weight),
        "total_variation_loss": _values(entry.loss.total_variation, spec.loss.total_variation),
        **{
            key: _values(getattr(entry.optimizer, key), getattr(spec.optimizer, key))
            for key in Optimizer.__struct_fields__
        },
        "iterations": _values(spec.iterations),
        "init": _values(spec.init),
        "seed": _values(spec.seed),
        "precision": _values(spec.precision),
        "repeat": tuple(range(spec.repeats)),
    }


def _values(value: Any, default: Any = None) -> tuple[Any, ...]:
    """Return the values of one axis, each once; ``default`` stands in for what the suite leaves out."""
    chosen = default if value is UNSET else value
    return tuple(dict.fromkeys(chosen)) if isinstance(chosen, Iterable) and not isinstance(chosen, str) else (chosen,)


def _points(axes: dict[str, tuple[Any, ...]]) -> Iterator[dict[str, Any]]:
    for values in itertools.product(*axes.values()):
        yield dict(zip(axes, values, strict=True))


def _weighted(point: dict[str, Any], info: BackboneInfo) -> dict[str, Any]:
    """Fill in the backbone's own weights of the losses where the suite gives none."""
    for key, default in (("content_weight", info.content_weight), ("style_weight", info.style_weight)):
        point[key] = float(default) if point[key] is None else point[key]
    if not point["total_variation_weight"]:  # what weighs nothing is no difference between cells
        point["total_variation_loss"] = "anisotropic"
    return point


def _init_noise(spec: SuiteSpec) -> float:
    """Return the noise of the start; without any, repeats of a deterministic transfer would all be the same."""
    if spec.init_noise is UNSET:
        return 1.0 if spec.repeats > 1 else 0.0
    return float(spec.init_noise)


def _optimizer(settings: dict[str, Any]) -> Optimizer:
    return Optimizer(name="lbfgs") if settings["name"] == "lbfgs" else Optimizer(**settings)


def _info(catalogue: Catalogue, name: str, backend: str) -> BackboneInfo:
    """Return the backbone's description, from another backend if this one lacks it: its defaults are the same."""
    infos = backbone_infos(catalogue, name)
    if not infos:
        raise SuiteError(f"there is no backbone {name!r}")
    return infos.get(backend) or next(iter(infos.values()))
