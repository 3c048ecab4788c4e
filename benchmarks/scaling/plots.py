"""The plots: time and memory against each axis, points with their intervals and the fitted line, both axes in logs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nstbench.report.figure_files import save_png
from scaling.tables import NAMES, backends, fits, ok

__all__ = ["draw"]

Row = dict[str, Any]
COLOURS = {"torch": "tab:red", "tensorflow": "tab:blue"}


def draw(rows: Sequence[Row], path: Path) -> None:
    """Write the figure of one machine's rows."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13, 6), layout="constrained")
    axes = figure.subplots(2, len(NAMES))
    for column, (axis, name) in enumerate(NAMES.items()):
        for row, what in enumerate(("time", "memory")):
            panel = axes[row][column]
            for backend in backends(rows):
                _points(panel, rows, backend, axis, what)
            panel.set(xscale="log", yscale="log", xlabel=name, ylabel=_unit(axis, what))
            _ticks(panel, rows, axis)
            panel.grid(visible=True, which="both", alpha=0.25)
            if panel.get_legend_handles_labels()[0]:
                panel.legend(fontsize=7)
    save_png(figure, path)


def _points(panel: Any, rows: Sequence[Row], backend: str, axis: str, what: str) -> None:
    found = ok(rows, backend, axis)
    if not found:
        return
    column = "peak_memory_mb" if what == "memory" else "wall_s" if axis == "cells" else "step_ms"
    x, y = (np.array([float(row[name]) for row in found]) for name in ("value", column))
    law = getattr(fits(rows, backend, axis), what)
    label = backend if law is None else f"{backend}: exponent {law.exponent:.2f}"
    errors = None
    if column == "step_ms":
        errors = np.array([[float(row[f"step_ms_{end}"]) for row in found] for end in ("low", "high")])
        errors = np.abs(errors - y)
    panel.errorbar(x, y, yerr=errors, fmt="o", markersize=4, capsize=2, color=COLOURS.get(backend), label=label)
    if law is not None:
        panel.plot(x, [law.at(value) for value in x], color=COLOURS.get(backend), linewidth=1)


def _ticks(panel: Any, rows: Sequence[Row], axis: str) -> None:
    values = sorted({int(row["value"]) for row in rows if row["axis"] == axis})
    panel.set_xticks(values, [str(value) for value in values], fontsize=7)
    panel.set_xticks([], minor=True)
    panel.yaxis.set_major_formatter("{x:g}")
    panel.yaxis.set_minor_formatter("{x:g}")
    panel.tick_params(axis="y", which="both", labelsize=7)


def _unit(axis: str, what: str) -> str:
    if what == "memory":
        return "peak memory, MiB"
    return "whole run, s" if axis == "cells" else "ms per iteration"
