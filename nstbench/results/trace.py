"""``trace.csv``: the losses of the image after each step."""

from __future__ import annotations

import csv
import math
from collections.abc import Collection
from pathlib import Path

__all__ = ["Trace", "read_trace"]

Trace = dict[str, list[float]]


def read_trace(path: Path, only: Collection[str] | None = None) -> Trace:
    """Return the columns of a trace, ``iteration`` first; a number that is missing or damaged is NaN.

    A row without an iteration is left out; a missing file is an empty trace. ``only`` names the columns that are read
    beside ``iteration``; None reads all.
    """
    try:
        with path.open(encoding="utf-8", errors="replace", newline="") as file:
            rows = csv.reader(file)
            head = next(rows, [])
            read = [row for row in rows if row]
    except (OSError, csv.Error):
        return {}
    if "iteration" not in head:
        return {}
    place = head.index("iteration")
    kept = [row for row in read if len(row) > place and row[place].isdecimal()]
    wanted = {name for name in head if only is None or name in only} | {"iteration"}
    return {name: _numbers(kept, column) for column, name in enumerate(head) if name in wanted} if kept else {}


def _numbers(rows: list[list[str]], column: int) -> list[float]:
    try:
        return [float(row[column]) for row in rows]
    except (IndexError, ValueError):
        return [_number(row, column) for row in rows]


def _number(row: list[str], column: int) -> float:
    try:
        return float(row[column])
    except (IndexError, ValueError):
        return math.nan
