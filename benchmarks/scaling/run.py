"""One run, from the options of the command line to the files it leaves. Every point is kept as soon as it is known."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from contest.roster import FOLDER
from contest.store import merged, read, write
from nstbench.errors import NstbenchError
from nstbench.files import write_text
from scaling.measure import Laboratory
from scaling.page import BACKENDS, page
from scaling.plots import draw
from scaling.points import AXES, QUICK, Point, points
from scaling.tables import grouped
from scaling.whole import grid_row

__all__ = ["publish", "run", "stored"]

Row = dict[str, Any]
SAME = ("machine", "threads", "backend", "axis", "value")


def run(options: argparse.Namespace) -> int:
    """Measure, and write the page; return the exit code."""
    results = options.results or (None if options.quick else FOLDER / "results")
    found: list[Row] = []
    if not options.page:
        try:
            found = [row for backend in _backends(options) for row in _measured(options, backend, results)]
        except NstbenchError as error:
            _say(str(error))
            return 2
    if results is None:
        print(page(_as_stored(found)))  # noqa: T201
    else:
        publish(stored(results), options.docs or (FOLDER.parent / "docs" if options.results is None else results))
    return 1 if any(row["status"] == "failed" for row in found) else 0


def stored(results: Path) -> list[Row]:
    """Return the rows of a folder's ``growth.csv``, as text, in the order of machines, backends, axes and values."""
    rows = read(results / "growth.csv")
    return sorted(rows, key=lambda row: (*(str(row[name]) for name in SAME[:-1]), int(row["value"])))


def publish(rows: list[Row], docs: Path) -> None:
    """Write ``performance.md`` and ``figures/growth-*.png``."""
    (docs / "figures").mkdir(parents=True, exist_ok=True)
    write_text(docs / "performance.md", page(rows))
    for name, group in grouped(rows):
        draw(group, docs / "figures" / name)


def _backends(options: argparse.Namespace) -> tuple[str, ...]:
    return BACKENDS if options.backend == "both" else (options.backend,)


def _measured(options: argparse.Namespace, backend: str, results: Path | None) -> Iterator[Row]:
    laboratory = Laboratory(backend, options.threads, options.limit_s, options.attempts, _say)
    before = stored(results) if results is not None else []
    for point in _points(options):
        _say(f"{backend}, {point.axis} {point.value}")
        row = grid_row(laboratory, point) if point.axis == "cells" else laboratory.row(point, before)
        before.append(row)
        if row["status"] != "ok":
            _say(f"  {row['status']}: {row['reason']}")
        if results is not None:
            write(results / "growth.csv", merged(read(results / "growth.csv"), [row], SAME))
        yield row


def _points(options: argparse.Namespace) -> Iterator[Point]:
    values = [int(value) for value in options.values.split(",")] if options.values else None
    for axis in QUICK if options.quick else AXES:
        if options.axis in (None, axis.name):
            for point in points(axis, values):
                yield replace(point, iterations=options.iterations or point.iterations)


def _as_stored(rows: list[Row]) -> list[Row]:
    return [{name: "" if value is None else str(value) for name, value in row.items()} for row in rows]


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201
