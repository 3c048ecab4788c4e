"""The head of a run, from its plan: what was asked for, with what installed."""

from __future__ import annotations

from typing import Any

import nstbench
from nstbench.execute.plan import Plan
from nstbench.execute.recording import now
from nstbench.execute.schedule import job_order, order_seed
from nstbench.execute.sources import image_sha256
from nstbench.measure.environment import environment
from nstbench.referee.choose import Judge
from nstbench.results.manifest import CellEntry, ImageEntry, Manifest, MetricEntry, RefereeEntry
from nstbench.suite import resolved

__all__ = ["manifest_of"]


def manifest_of(plan: Plan) -> Manifest:
    """Return the manifest of the whole grid, whatever part of it runs now."""
    suite = plan.suite
    return Manifest(
        name=suite.name,
        nstbench=nstbench.__version__,
        created=now(),
        command=plan.options.command,
        suite=resolved(suite),
        suite_text=suite.text,
        overrides=suite.overrides,
        cells=tuple(CellEntry(id=cell.id, title=cell.title) for cell in plan.grid),
        environment=environment(),
        plugins=tuple(_plugins(plan)),
        images=_images(plan),
        order_seed=order_seed(plan),
        order=job_order(plan) if order_seed(plan) is not None else (),
        referees=tuple(_referee(judge) for judge in plan.judges if judge.label),
        metrics=_metrics(plan),
    )


def _plugins(plan: Plan) -> list[dict[str, Any]]:
    found = plan.catalogue.discovery
    used = [one for one in found.providers.values() if found.manager.has_plugin(one.plugin)]
    return [{"plugin": one.plugin, "distribution": one.distribution, "version": one.version} for one in used]


def _images(plan: Plan) -> dict[str, ImageEntry]:
    entries = {}
    for (role, name), located in plan.sources.images_used().items():
        source = plan.sources.image_source(role, name)
        entries[name] = ImageEntry(
            sha256=image_sha256(located) if located.path else "",
            title=source.title or "",
            author=source.author or "",
            license=source.license or "",
            source=source.url or (f"skimage:{source.skimage}" if source.skimage else ""),
        )
    return entries


def _referee(judge: Judge) -> RefereeEntry:
    return RefereeEntry(
        label=judge.label,
        backbone=judge.backbone.name if judge.backbone else "",
        backend=judge.backend.name if judge.backend else "",
        weights=judge.weights_name,
        content_layers=judge.content_layers,
        style_layers=judge.style_layers,
        problem=judge.problem,
    )


def _metrics(plan: Plan) -> tuple[MetricEntry, ...]:
    used = dict.fromkeys(metric.name for judge in plan.judges for metric in judge.metrics)
    found = [plan.catalogue.metrics[name] for name in used]
    names = MetricEntry.__struct_fields__
    return tuple(MetricEntry(**{name: getattr(one, name) for name in names}) for one in found)
