"""docs/performance.md, from the rows of growth.csv alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from contest.page import where
from nstbench.report.markdown import image
from scaling.measure import CALM
from scaling.outlook import cells_section, large_section
from scaling.tables import NAMES, axis_table, fits_table, grouped

__all__ = ["page"]

Row = dict[str, Any]
BACKENDS = ("torch", "tensorflow")

_HEAD = """# Performance

Written by `make growth` (or `python benchmarks/growth.py --page`, which measures nothing) from
`benchmarks/results/growth.csv`; nothing below the first two sections was entered by hand.

## Beside what a user would run instead

`benchmarks/results/peers.md`, written by `python benchmarks/peers.py`: nstbench on both backends, the published
programs and the frameworks' tutorials, in paired rounds, with the ceiling of the machine. `benchmarks/README.md` says
how.

## On a GPU

Growth has not been measured on a GPU: the machine below has none. `python benchmarks/gpu.py` takes such a machine's
measurements in one go: correctness against the CPU, times, growth.
"""

_TEXT = {
    "size": "Time and memory of one picture against the length of its side; it is square.",
    "layers": "Against the number of style layers, the first ones of five; the network is as deep for all of them, "
    "since the content layer is the deepest. What grows is the Gram matrices.",
    "batch": "Several cells in one tensor (`batch:`). An exponent below 1 is a gain.",
    "cells": "Whole runs, from the command to the report, without judging, on cells that differ in the weight of "
    "style. *Its steps* are all evaluations of the grid (one more than iterations for every cell) at the rate of a "
    "cell alone, in a process of its own before and after the run; *as they ran* is the sum of the records' "
    "`optimise_s`, which leaves out the last evaluations. *One start* is what the run of one cell takes "
    "beyond its steps; with *a worker's start*, planning and report are counted against the run, too. The cells are "
    "small on purpose: what is not arithmetic shows.",
}


def page(rows: Sequence[Row]) -> str:
    """Return the page; rows as ``scaling.run.stored`` reads them."""
    parts = [_HEAD]
    for figure, found in grouped(rows):
        parts += [*_measured(found, figure), *_outlook(found)]
    return "\n".join(parts).rstrip() + "\n"


def _measured(rows: Sequence[Row], figure: str) -> list[str]:
    parts = [
        f"## Growth, {rows[0]['threads']} threads\n",
        f"{where([row for row in rows if row['status'] == 'ok'] or rows)}\n",
        f"{_noise(rows)}\n",
        f"{image(f'figures/{figure}', 'Time and memory against size, style layers, batch and cells')}\n",
        "Exponents p of x^p, by least squares through the logarithms, with 95 % intervals that take deviations from "
        "the line as independent. Memory is that of the whole process, so its exponent is below that of what grows; "
        "the line beside it tells the two apart.\n",
        f"{fits_table(rows)}\n",
    ]
    for axis, name in NAMES.items():
        if found := [row for row in rows if row["axis"] == axis]:
            parts += [f"### {name[0].upper()}{name[1:]}\n", f"{_TEXT[axis]} {_fixed(found)}\n"]
            parts.append(f"{axis_table(rows, axis)}\n")
    return [*parts, *_absent(rows)]


def _absent(rows: Sequence[Row]) -> list[str]:
    """Say what of the grown things nobody measured on this machine."""
    absent = [
        f"{name} on {backend}"
        for backend in BACKENDS
        for axis, name in NAMES.items()
        if not any((row["backend"], row["axis"]) == (backend, axis) for row in rows)
    ]
    return [f"Not measured on this machine yet: {', '.join(absent)}.\n"] if absent else []


def _outlook(rows: Sequence[Row]) -> list[str]:
    large, cells = large_section(rows), cells_section(rows)
    return ["### What a 4K picture costs\n", f"{large}\n", "### What 10,000 cells cost\n", f"{cells}\n"]


def _noise(rows: Sequence[Row]) -> str:
    shares = [float(row["others_share"]) for row in rows if row["status"] == "ok"]
    if not shares:
        return "Nothing was measured."
    disturbed = sum(share >= CALM for share in shares)
    return (
        "A point is a process of its own: the median iteration, after two that are not counted, with its "
        "order-statistics interval, which of fewer than six is the whole range. *Others had* is the share of the "
        f"machine that went to anything else meanwhile: {disturbed} of {len(shares)} points had {CALM:.0%} or more of "
        f"it taken (at most {max(shares):.0%}) in the calmest of their attempts: they are slower for it, and no fit of "
        "time takes them. What other guests of the host do to memory and clock shows in no such share; spreads do show "
        "it."
    )


def _fixed(rows: Sequence[Row]) -> str:
    """Say what stayed the same along an axis."""
    sizes, layers, iterations = (
        ", ".join(dict.fromkeys(row[name] for row in rows)) for name in ("size", "layers", "iterations")
    )
    axis = rows[0]["axis"]
    fixed = [] if axis == "size" else [f"{sizes} px"]
    fixed += [] if axis == "layers" else [f"{layers} style layers"]
    return f"VGG19, {', '.join(fixed)}, {iterations} iterations."
