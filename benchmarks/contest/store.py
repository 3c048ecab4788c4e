"""The two CSV files: a run replaces what an earlier one of the same setting on the same machine left, and no more."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from nstbench.files import write_text

__all__ = ["as_text", "merged", "read", "write"]

Row = dict[str, Any]
SAME = ("machine", "size", "threads", "mode")


def merged(old: Iterable[Row], new: Sequence[Row], same: Sequence[str] = SAME) -> list[Row]:
    """Return the rows of other settings, and the new ones; rows are sorted by their setting, the columns ``same``."""
    keys = {_key(row, same) for row in new}
    kept = [row for row in old if _key(row, same) not in keys]
    return sorted([*kept, *new], key=lambda row: _key(row, same))


def as_text(rows: Sequence[Row]) -> list[Row]:
    """Return rows as they are written and read again."""
    return [{name: _text(value) for name, value in row.items()} for row in rows]


def read(path: Path) -> list[Row]:
    """Return the rows of a file as text, none if it is not there."""
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: Sequence[Row]) -> None:
    """Write rows; the columns are those of any row, in the order in which they first come."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(as_text(rows))
    write_text(path, text.getvalue())


def _key(row: Row, same: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in same)


def _text(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)
