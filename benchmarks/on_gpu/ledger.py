"""The rows of the CSV, each on disk as soon as it exists: a time limit may end the process at any moment."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

__all__ = ["Ledger", "Row", "at_least", "at_most", "figure"]

Row = dict[str, Any]
"""Columns by name; see ``COLUMNS``."""

COLUMNS = (
    "task",
    "what",
    "network",
    "precision",
    "size",
    "batch",
    "iterations",
    "value",
    "unit",
    "bound",
    "passed",
    "path",
    "status",
    "reason",
    "at_s",
)
"""``passed`` is yes or no where there is a ``bound``; ``status`` is ok, failed or left out, with its ``reason``."""


def figure(what: str, value: float | str | None, unit: str = "", **columns: Any) -> Row:
    """Return a row with a value and no bound; None is a value that does not exist here."""
    return {"what": what, "value": value, "unit": unit, **columns}


def at_most(what: str, value: float, bound: float, unit: str = "", **columns: Any) -> Row:
    """Return a row whose value must not exceed its bound; not-a-number exceeds it."""
    return figure(what, value, unit, bound=f"<= {bound:g}", passed=_yes(value <= bound), **columns)


def at_least(what: str, value: float, bound: float, unit: str = "", **columns: Any) -> Row:
    """Return a row whose value must reach its bound; not-a-number does not."""
    return figure(what, value, unit, bound=f">= {bound:g}", passed=_yes(value >= bound), **columns)


@dataclass(slots=True)
class Ledger:
    """Writes rows to ``path`` and keeps them; ``common`` are columns that are the same in every row."""

    path: Path
    common: Mapping[str, Any]
    rows: list[Row] = field(default_factory=list)
    _begun: float = field(default_factory=perf_counter)

    def __post_init__(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerow([*COLUMNS, *self.common])

    def add(self, row: Row) -> None:
        """Write one row, to the disk."""
        row = {"status": "ok", "at_s": perf_counter() - self._begun} | row
        if unknown := set(row) - set(COLUMNS):
            raise KeyError(f"no column {', '.join(sorted(unknown))}")
        self.rows.append(row)
        with self.path.open("a", newline="", encoding="utf-8") as file:
            values = [row.get(name) for name in COLUMNS] + list(self.common.values())
            csv.writer(file, lineterminator="\n").writerow([_text(value) for value in values])
            file.flush()
            os.fsync(file.fileno())


def _text(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _yes(passed: bool) -> str:
    return "yes" if passed else "no"
