"""A comparison in words: the verdict, and what a reader must know of it."""

from __future__ import annotations

from nstbench.compare.verdict import Comparison, MetricResult
from nstbench.report.numbers import loss, significant

__all__ = ["change", "interval", "number", "summary", "verdict"]


def verdict(comparison: Comparison) -> str:
    """Return the verdict in a sentence or two."""
    parts = [f"{one.metric} {change(one.ratio)}{_bounds(one)}" for one in comparison.regressions]
    parts += [f"{len(comparison.lost)} cells no longer succeed"] if comparison.lost else []
    limit = f"threshold {comparison.threshold:.3g}"
    return f"regression: {'; '.join(parts)} ({limit})" if parts else f"no regression ({limit})"


def summary(comparison: Comparison) -> str:
    """Return what was compared, and how it was judged."""
    counts = f"{comparison.cells} cells in both runs"
    for name, alone in (("first", comparison.only_before), ("second", comparison.only_after)):
        counts += f", {len(alone)} only in the {name}" if alone else ""
    if not comparison.is_repeated:
        return f"{counts}; no repeats: any cell worse by more than the threshold is a regression."
    return (
        f"{counts}; {comparison.repeats[0]} and {comparison.repeats[1]} repeats. A regression is a median change over "
        "all cells whose interval lies above the threshold; marks and p of single cells are information only."
    )


def change(ratio: float) -> str:
    """Return a ratio as a change: ``+31.2%``."""
    return f"{ratio - 1:+.1%}"


def interval(one: MetricResult) -> str:
    """Return the interval of the change with the coverage it has at least, empty without repeats."""
    if one.low is None or one.high is None or one.coverage is None:
        return ""
    return f"[{change(one.low)}, {change(one.high)}] ({one.coverage:.0%})"


def number(value: float, unit: str) -> str:
    """Return a loss in the report's notation, a time or size with its unit."""
    return f"{significant(value)} {unit}" if unit else loss(value)


def _bounds(one: MetricResult) -> str:
    if one.low is not None:
        return f" {interval(one)}"
    worse = sum(cell.mark == "+" for cell in one.cells)
    return f" over all cells, {worse} of {len(one.cells)} cells worse"
