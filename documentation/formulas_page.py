"""docs/reference/formulas.md: the losses and metrics that come with nstbench, from what it announces."""

from __future__ import annotations

from collections.abc import Iterable

from nstbench.plugin import builtin
from nstbench.plugin.descriptors import LossInfo, MetricInfo
from tables import table

__all__ = ["render"]

HEAD = """# Losses and metrics

Written by `python documentation/generate.py` from what nstbench announces; `nstbench plugins` lists these and those of
the plugins that are installed. [A loss](../how-to/own-loss.md) or [a metric](../how-to/own-metric.md) of your own has a
name beside them.
"""
STYLE = """## Style losses

`loss: {style: NAME}`. G and A are the Gram matrices FᵀF of the picture and of the style picture, N the channels and M
the positions of a layer. A *relative* loss is divided, layer by layer, by its value at the start.
"""
CONTENT = """## Content losses

`loss: {content: NAME}`.
"""
METRICS = """## Metrics

Every stylised picture is judged by these: those of *pictures* once, those of *features* by every referee.
"""


def render() -> str:
    """Return the page: a table of each kind."""
    losses, metrics = list(builtin.nstbench_losses()), list(builtin.nstbench_metrics())
    roles = {role: [one for one in losses if one.role == role] for role in ("style", "content")}
    parts = [HEAD, STYLE, _losses(roles["style"]), CONTENT, _losses(roles["content"]), METRICS, _metrics(metrics)]
    return "\n".join(parts)


def _losses(losses: Iterable[LossInfo]) -> str:
    rows = ([f"`{one.name}`", one.source, "yes" if one.relative else ""] for one in losses)
    return table(["name", "formula and source", "relative"], rows) + "\n"


def _metrics(metrics: Iterable[MetricInfo]) -> str:
    rows = (
        [f"`{one.name}`", _of(one), one.meaning, one.unit, f"{one.direction} is better", one.source] for one in metrics
    )
    return table(["name", "of", "meaning", "unit", "direction", "source"], rows) + "\n"


def _of(metric: MetricInfo) -> str:
    only = f" of {', '.join(metric.layers)}" if metric.layers else ""
    return {"picture": "pictures", "features": "features"}[metric.kind] + only
