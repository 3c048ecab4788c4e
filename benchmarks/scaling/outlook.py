"""What 4K pictures and 10,000 cells cost, worked out from the fitted figures and the network's layers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from contest.arithmetic import Arithmetic, step_arithmetic
from contest.page import tabular
from contest.work import STYLE_LAYERS
from nstbench.report.numbers import significant
from scaling.network import exchanged_mb, halo, kept_share, tiles, twice_forward
from scaling.points import CONTENT_LAYER
from scaling.tables import backends, fits, grid_of, ok

__all__ = ["cells_section", "large_section"]

Row = dict[str, Any]
HEIGHT, WIDTH = 2160, 3840
TILE = 1024
ITERATIONS = 1000
CELLS, CELL_SIDE = 10_000, 512
TARGET = 1.1
STATE = 4
"""Pictures of float32 that an iteration holds whole, whatever is cut: image, gradient, and Adam's two moments."""


def large_section(rows: Sequence[Row]) -> str:
    """Say what a 4K picture takes: in one piece, with checkpoints, and in tiles."""
    shown = [line for backend in backends(rows) for line in _ways(rows, backend)]
    if not shown:
        return "Too few sizes were measured to say."
    memory = int(rows[0]["memory_mb"]) / 1024
    area, cut = HEIGHT * WIDTH, list(tiles(HEIGHT, WIDTH, TILE))
    again = twice_forward(_arithmetic(HEIGHT, WIDTH))
    return "\n".join(
        [
            f"A picture of {WIDTH} x {HEIGHT} has {area / 1e6:.2f} Mpx, a square of {math.sqrt(area):.0f} px. This "
            f"machine has {memory:.0f} GiB.",
            "",
            tabular(shown),
            "",
            f"- **In one piece**: the power law of time at {math.sqrt(area):.0f} px, with the 95 % interval of the "
            "fitted line, and the line of memory at its pixels. By arithmetic: a step counted from the layers at the "
            "rate of the largest picture measured.",
            f"- **Checkpoints**: only what enters each block is kept, and a block is computed again for its gradient: "
            f"{again:.2f} times the arithmetic, and {kept_share():.0%} of the activations, since the two layers of "
            "full size are most of them. nstbench does not do that yet.",
            f"- **Tiles** of {TILE} px: a Gram matrix is a sum over positions, so tiles are no approximation. A first "
            "pass adds up the matrices, a second computes each tile again and takes its gradient: "
            f"{again:.2f} times the arithmetic. A tile's features depend on {halo()} px around it, which makes "
            f"{len(cut)} tiles of {sum(h * w for h, w in cut) / area:.2f} times the picture's pixels. Held whole are "
            f"{STATE} pictures of float32; all else is as large as the largest tile. nstbench does not do that yet.",
            f"- **Several machines**, a tile or more each: in a step each sends and receives {exchanged_mb():.1f} MiB "
            f"of Gram matrices and the gradient of {halo()} px around its tiles, so {len(cut)} machines take about a "
            f"{len(cut)}th of the time of the tiles.",
        ]
    )


def _ways(rows: Sequence[Row], backend: str) -> list[dict[str, str]]:
    found = fits(rows, backend, "size")
    if found.time is None or found.memory_line is None:
        return []
    area, arithmetic = HEIGHT * WIDTH, _arithmetic(HEIGHT, WIDTH)
    seconds, (low, high) = found.time.at(math.sqrt(area)) / 1000, found.time.between(math.sqrt(area))
    last, again = ok(rows, backend, "size")[-1], twice_forward(arithmetic)
    counted = arithmetic.total / 1e9 / float(last["gflops"])
    cut = list(tiles(HEIGHT, WIDTH, TILE))
    base, per_px = found.memory_line.start, found.memory_line.slope
    state = STATE * 3 * 4 * area / 2**20
    largest = base + per_px * max(h * w for h, w in cut) + state
    tiled = again * sum(h * w for h, w in cut) / area
    return [
        _way(backend, "in one piece", seconds, base + per_px * area, f"{low / 1000:.0f} to {high / 1000:.0f}", counted),
        _way(backend, "checkpoints", again * seconds, base + per_px * area * kept_share()),
        _way(backend, f"tiles of {TILE} px", tiled * seconds, largest),
    ]


def _way(
    backend: str, name: str, seconds: float, memory_mb: float, between: str = "", counted: float | None = None
) -> dict[str, str]:
    return {
        "backend": backend,
        "4K": name,
        "s per iteration": significant(seconds),
        "interval": between,
        "by arithmetic, s": "" if counted is None else significant(counted),
        f"hours for {ITERATIONS} iterations": significant(seconds * ITERATIONS / 3600),
        "memory, GiB": significant(memory_mb / 1024),
    }


def cells_section(rows: Sequence[Row]) -> str:
    """Say what a grid of 10,000 cells takes, on one machine and on many."""
    shown = [line for backend in backends(rows) for line in _cells(rows, backend)]
    if not shown:
        return "Too few sizes or grids were measured to say."
    return "\n".join(
        [
            f"{CELLS:,} cells of {ITERATIONS} iterations ({ITERATIONS + 1} evaluations) at {CELL_SIDE} px, by the "
            "power law of time over size; what a cell costs beyond its steps is the slope of the grids above, and so "
            "is what it leaves on disk, which pictures of this size multiply.",
            "",
            tabular(shown),
            "",
            "Cells do not depend on each other. Each of n machines takes its part of a suite (`--only`, or a suite for "
            "each content picture) into a run folder of its own, and their `results.csv` are put together: an nth of "
            "the time, as long as each has many cells. One start for each machine and backend is all that does not "
            "divide.",
            *_batches(rows),
            *_small_cells(rows),
        ]
    )


def _cells(rows: Sequence[Row], backend: str) -> list[dict[str, str]]:
    time, grids = fits(rows, backend, "size").time, grid_of(rows, backend)
    if time is None or len(grids) < 2:
        return []
    steps = CELLS * (ITERATIONS + 1) * time.at(CELL_SIDE) / 1000
    per_cell, count = _beyond_s(rows, backend), [one.cells for one in grids]
    disk = float(np.polyfit(count, [float(row["folder_mb"]) for row in ok(rows, backend, "cells")], 1)[0])
    days = (steps + CELLS * per_cell) / 86400
    return [
        {
            "backend": backend,
            "s of steps per cell": significant(steps / CELLS),
            "s beyond them per cell": f"{per_cell:.3f}",
            "days on one machine": significant(days),
            "machines for a day": str(math.ceil(days)),
            "MiB on disk per cell": f"{disk:.2f}",
        }
    ]


def _batches(rows: Sequence[Row]) -> list[str]:
    """Say what the largest batch that was measured gains."""
    found = []
    for backend in backends(rows):
        several = ok(rows, backend, "batch")
        if len(several) > 1 and several[0]["value"] == "1":
            one, most = (float(row["step_ms"]) / int(row["value"]) for row in (several[0], several[-1]))
            found.append(f"{most / one:.2f} times as long for each of {several[-1]['value']} on {backend}")
    if not found:
        return []
    size = next(row["size"] for row in rows if row["axis"] == "batch")
    return ["", f"Batches, at {size} px, make a picture's step {' and '.join(found)} (below 1 is a gain)."]


def _small_cells(rows: Sequence[Row]) -> list[str]:
    """Say from which cells on a grid costs a tenth more than its arithmetic at most."""
    found = [
        f"{max(0.0, _beyond_s(rows, backend) / (TARGET - 1)):.1f} s or more on {backend}"
        for backend in backends(rows)
        if len(grid_of(rows, backend)) > 1
    ]
    text = f"By that slope a long grid costs at most {TARGET} times its steps where a cell's steps take "
    return ["", f"{text}{' and '.join(found)}."] if found else []


def _beyond_s(rows: Sequence[Row], backend: str) -> float:
    """Return what each further cell of a grid takes beyond its steps, in seconds: the slope over the grids."""
    grids = grid_of(rows, backend)
    return float(np.polyfit([one.cells for one in grids], [one.beyond_s for one in grids], 1)[0])


def _arithmetic(height: int, width: int) -> Arithmetic:
    return step_arithmetic(height, width, STYLE_LAYERS, CONTENT_LAYER)
