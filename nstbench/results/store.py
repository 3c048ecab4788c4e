"""``records.jsonl``: appended durably, readable after any crash."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from nstbench.errors import RunError
from nstbench.results.folder import RunFolder
from nstbench.results.record import SCHEMA, Record

__all__ = ["append", "latest", "read_records", "scan_records"]

_log = logging.getLogger(__name__)


class _Head(msgspec.Struct):
    schema: int = SCHEMA


def append(folder: RunFolder, record: Record) -> None:
    """Write one record so that it survives a power cut once this returns.

    A line that a killed process left unfinished is removed first. Raises ``RunError`` where the disk is full or the
    folder cannot be written; the file then holds what it held before.
    """
    line = _encode(record) + b"\n"
    try:
        is_new = not folder.records.exists()
        descriptor = os.open(folder.records, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            _write_at(descriptor, _repaired_end(descriptor), line)
        finally:
            os.close(descriptor)
        if is_new:
            _sync_folder(folder.path)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise RunError(f"cannot write {folder.records}: {reason}. Free some space, then run again.") from error


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
    try:
        data = folder.records.read_bytes()
    except FileNotFoundError:
        return [], []
    except OSError as error:
        raise RunError(f"cannot read {folder.records}: {error.strerror}. Check that it is a readable file.") from error
    *lines, tail = data.split(b"\n")
    records: list[Record] = []
    problems: list[str] = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            _collect(line, f"{folder.records}:{number}", records, problems)
    if tail.strip():
        _collect(tail, str(folder.records), records, [])
    return records, problems


def latest(records: Iterable[Record]) -> dict[str, Record]:
    """Return the last attempt at each cell, by the cell's id."""
    return {record.cell: record for record in records}


def _collect(line: bytes, place: str, records: list[Record], problems: list[str]) -> None:
    try:
        _check_schema(line, place)
        records.append(msgspec.json.decode(line, type=Record))
    except msgspec.DecodeError as error:
        problems.append(f"{place}: this record is damaged and was left out ({error})")


def _check_schema(line: bytes, place: str) -> None:
    # Asked of every line before its fields: a newer schema may have changed what they mean.
    schema = msgspec.json.decode(line, type=_Head).schema
    if schema > SCHEMA:
        raise RunError(
            f"{place} was written by a newer nstbench (schema {schema}, this version reads up to {SCHEMA}). "
            "Update nstbench or choose another folder."
        )


def _encode(record: Record) -> bytes:
    try:
        return msgspec.json.encode(record)
    except UnicodeEncodeError:
        # Text from a dying worker may hold half a surrogate pair; the record matters more than that character.
        fields = {name: _clean(value) for name, value in msgspec.structs.asdict(record).items()}
        return msgspec.json.encode(fields)


def _clean(value: object) -> object:
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _repaired_end(descriptor: int) -> int:
    """Cut off or finish a torn last line; return where the next line begins."""
    end = os.lseek(descriptor, 0, os.SEEK_END)
    if end == 0 or os.pread(descriptor, 1, end - 1) == b"\n":
        return end
    start = _line_start(descriptor, end)
    try:
        msgspec.json.decode(os.pread(descriptor, end - start, start), type=Record)
    except msgspec.DecodeError:
        os.ftruncate(descriptor, start)
        return start
    os.pwrite(descriptor, b"\n", end)
    return end + 1


def _line_start(descriptor: int, end: int, block: int = 65536) -> int:
    while end > 0:
        begin = max(0, end - block)
        newline = os.pread(descriptor, end - begin, begin).rfind(b"\n")
        if newline >= 0:
            return begin + newline + 1
        end = begin
    return 0


def _write_at(descriptor: int, start: int, line: bytes) -> None:
    try:
        written = 0
        while written < len(line):
            written += os.pwrite(descriptor, line[written:], start + written)
        os.fsync(descriptor)
    except OSError:
        os.ftruncate(descriptor, start)
        raise


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
