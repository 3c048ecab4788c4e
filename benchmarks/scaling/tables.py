"""From the rows of growth.csv to fits, and to the tables that show both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from contest.page import number, spread, tabular
from scaling.fit import Line, PowerLaw, line, power_law
from scaling.measure import CALM

__all__ = ["NAMES", "Fits", "Grid", "axis_table", "backends", "fits", "fits_table", "grid_of", "grouped", "ok"]

Row = dict[str, Any]
NAMES = {"size": "side in px", "layers": "style layers", "batch": "pictures in a batch", "cells": "cells of a grid"}
"""What the axes are called, with their units."""


@dataclass(frozen=True, slots=True)
class Fits:
    """Power laws of time (ms per iteration; of a grid s in all) and peak memory (MiB); memory as a line, too.

    The line is over what memory is proportional to: pixels where the side grows, else the axis itself.
    """

    time: PowerLaw | None
    memory: PowerLaw | None
    memory_line: Line | None


@dataclass(frozen=True, slots=True)
class Grid:
    """A whole run beside its parts, in seconds: ``steps_s`` at the rate of a cell alone, and two sorts of start.

    ``steps_as_run_s`` is what the run's own records say of its steps, without each cell's last evaluation.
    ``run_start_s`` is what a run of one cell takes beyond its steps: command, plan, worker, files, report;
    ``worker_start_s`` is the worker's alone, to the end of its first iteration.
    """

    cells: int
    wall_s: float
    steps_s: float
    steps_as_run_s: float
    run_start_s: float
    worker_start_s: float

    @property
    def ratio(self) -> float:
        """The run's time over that of its steps and one start of a run."""
        return self.wall_s / (self.steps_s + self.run_start_s)

    @property
    def ratio_to_worker(self) -> float:
        """The same with a start of a worker, so that planning and reporting are counted against the run."""
        return self.wall_s / (self.steps_s + self.worker_start_s)

    @property
    def beyond_s(self) -> float:
        """What it takes beyond its steps."""
        return self.wall_s - self.steps_s


def grouped(rows: Sequence[Row]) -> Iterator[tuple[str, list[Row]]]:
    """Yield the rows of each machine and number of threads, with the name of their figure."""
    for (machine, threads), group in groupby(rows, lambda row: (row["machine"], row["threads"])):
        yield f"growth-{machine}-{threads}.png", list(group)


def backends(rows: Sequence[Row]) -> list[str]:
    """Return the backends of rows, torch first."""
    return sorted({row["backend"] for row in rows}, reverse=True)


def ok(rows: Sequence[Row], backend: str, axis: str) -> list[Row]:
    """Return the rows of an axis that have figures, smallest first."""
    found = [row for row in rows if (row["backend"], row["axis"], row["status"]) == (backend, axis, "ok")]
    return sorted(found, key=lambda row: int(row["value"]))


def fits(rows: Sequence[Row], backend: str, axis: str) -> Fits:
    """Fit an axis, time by the points of a calm machine; None each where they are too few."""
    found = ok(rows, backend, axis)
    calm = [row for row in found if float(row["others_share"]) < CALM]
    x = [float(row["value"]) for row in found]
    memory = [float(row["peak_memory_mb"]) for row in found]
    time = [float(row["wall_s" if axis == "cells" else "step_ms"]) for row in calm]
    linear = [value**2 for value in x] if axis == "size" else x
    return Fits(power_law([float(row["value"]) for row in calm], time), power_law(x, memory), line(linear, memory))


def grid_of(rows: Sequence[Row], backend: str) -> list[Grid]:
    """Return the whole runs of a backend; none without the one of a single cell, whose start is what others get."""
    found = ok(rows, backend, "cells")
    if not found or found[0]["value"] != "1":
        return []
    steps = [float(row["evaluations"]) * float(row["step_ms"]) / 1000 for row in found]
    start = float(found[0]["wall_s"]) - steps[0]
    return [
        Grid(int(row["value"]), float(row["wall_s"]), each, float(row["optimise_s"]), start, float(row["start_s"]))
        for row, each in zip(found, steps, strict=True)
    ]


def axis_table(rows: Sequence[Row], axis: str) -> str:
    """Return the points of an axis, those that were not measured with the reason."""
    grids = {(backend, one.cells): one for backend in backends(rows) for one in grid_of(rows, backend)}
    chosen = [row for row in rows if row["axis"] == axis]
    shown = []
    for row in sorted(chosen, key=lambda row: (backends(rows).index(row["backend"]), int(row["value"]))):
        line = {"backend": row["backend"], NAMES[axis]: row["value"]}
        if row["status"] != "ok":
            shown.append(line | {"ms per iteration": f"not measured: {row['reason']}"})
            continue
        line |= _whole(row, grids.get((row["backend"], int(row["value"])))) if axis == "cells" else _step(row)
        shown.append(line | {"others had": number(row["others_share"], ".0%")})
    columns = list(dict.fromkeys(column for line in shown for column in line))
    return tabular([{column: line.get(column, "") for column in columns} for line in shown])


def fits_table(rows: Sequence[Row]) -> str:
    """Return the exponents of every backend and axis."""
    shown = []
    for backend in backends(rows):
        for axis in NAMES:
            found = fits(rows, backend, axis)
            if found.time and found.memory and found.memory_line:
                unit = "Mpx" if axis == "size" else axis.removesuffix("s").replace("batch", "picture")
                slope = found.memory_line.slope * (1e6 if axis == "size" else 1)
                shown.append(
                    {
                        "backend": backend,
                        "against": NAMES[axis],
                        "exponent of time": _exponent(found.time),
                        "off by at most": f"{found.time.deviation:.0%}",
                        "exponent of memory": _exponent(found.memory),
                        "off by at most ": f"{found.memory.deviation:.0%}",
                        "memory as a line, MiB": f"{found.memory_line.start:.0f} + {slope:.3g} per {unit}",
                        "off by at most  ": f"{found.memory_line.deviation:.0%}",
                    }
                )
    return tabular(shown)


def _step(row: Row) -> dict[str, str]:
    batched = row["axis"] == "batch"
    return {
        "ms per iteration": spread(row, "step_ms", ".0f"),
        **({"ms per picture": number(float(row["step_ms"]) / int(row["batch"]), ".0f")} if batched else {}),
        "GFLOP/s": number(row["gflops"], ".0f"),
        "peak MiB": number(row["peak_memory_mb"], ".0f"),
    }


def _whole(row: Row, one: Grid | None) -> dict[str, str]:
    alone = {"ms per step alone": spread(row, "step_ms", ".0f")}
    if one is None:
        return alone
    return alone | {
        "whole run, s": f"{one.wall_s:.1f}",
        "its steps, s": f"{one.steps_s:.1f}",
        "as they ran, s": f"{one.steps_as_run_s:.1f}",
        "to steps and one start": f"{one.ratio:.2f}",
        "to steps and a worker's start": f"{one.ratio_to_worker:.2f}",
    }


def _exponent(law: PowerLaw) -> str:
    return f"{law.exponent:.2f} ({law.low:.2f} to {law.high:.2f})"
