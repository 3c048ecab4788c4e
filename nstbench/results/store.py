"""``records.jsonl``: appended durably, readable after any crash."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from nstbench.results.folder import RunFolder
from nstbench.results.lines import append_line, scan_lines
from nstbench.results.record import SCHEMA, Record

__all__ = ["append", "latest", "read_records", "scan_records"]

_log = logging.getLogger(__name__)


def append(folder: RunFolder, record: Record) -> None:
    """Write one record so that it survives a power cut once this returns.

    A line that a killed process left unfinished is removed first. Raises ``RunError`` where the disk is full or the
    folder cannot be written; the file then holds what it held before.
    """
    append_line(folder.records, record)


def read_records(folder: RunFolder) -> list[Record]:
    """Return all attempts, oldest first; lines that cannot be read are logged as warnings and left out.

    Raises ``RunError`` if the file cannot be opened or was written by a newer version.
    """
    records, problems = scan_records(folder)
    for problem in problems:
        _log.warning("%s", problem)
    return records


def scan_records(folder: RunFolder) -> tuple[list[Record], list[str]]:
    """Return all attempts, oldest first, and one sentence for each line that is damaged.

    An unfinished last line (the mark of a killed process) is no problem: its cell simply has no record. Fields that
    this version does not know are ignored. Raises ``RunError`` as ``read_records`` does.
    """
    return scan_lines(folder.records, Record, SCHEMA)


def latest(records: Iterable[Record]) -> dict[str, Record]:
    """Return the last attempt at each cell, by the cell's id."""
    return {record.cell: record for record in records}
