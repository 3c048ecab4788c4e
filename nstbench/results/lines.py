"""Files of one JSON object per line: appended durably, readable after any crash."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypeVar

import msgspec

from nstbench.errors import RunError

__all__ = ["append_line", "scan_lines"]

Item = TypeVar("Item", bound=msgspec.Struct)


class _Head(msgspec.Struct):
    schema: int = 0


def append_line(path: Path, item: msgspec.Struct) -> None:
    """Write one line so that it survives a power cut once this returns.

    A line that a killed process left unfinished is removed first. Raises ``RunError`` where the disk is full or the
    folder cannot be written; the file then holds what it held before.
    """
    line = _encode(item) + b"\n"
    try:
        is_new = not path.exists()
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            _write_at(descriptor, _repaired_end(descriptor, type(item)), line)
        finally:
            os.close(descriptor)
        if is_new:
            _sync_folder(path.parent)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise RunError(f"cannot write {path}: {reason}. Free some space, then run again.") from error


def scan_lines(path: Path, kind: type[Item], schema: int) -> tuple[list[Item], list[str]]:
    """Return all items, oldest first, and one sentence for each line that is damaged; no file is no items.

    An unfinished last line (the mark of a killed process) is no problem. Fields that this version does not know are
    ignored. Raises ``RunError`` if the file cannot be opened or holds a ``schema`` newer than ``schema``.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return [], []
    except OSError as error:
        raise RunError(f"cannot read {path}: {error.strerror}. Check that it is a readable file.") from error
    *lines, tail = data.split(b"\n")
    items: list[Item] = []
    problems: list[str] = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            _collect(line, f"{path}:{number}", kind, schema, items, problems)
    if tail.strip():
        _collect(tail, str(path), kind, schema, items, [])
    return items, problems


def _collect(line: bytes, place: str, kind: type[Item], schema: int, items: list[Item], problems: list[str]) -> None:
    try:
        _check_schema(line, place, schema)
        items.append(msgspec.json.decode(line, type=kind))
    except msgspec.DecodeError as error:
        problems.append(f"{place}: this {kind.__name__.lower()} is damaged and was left out ({error})")


def _check_schema(line: bytes, place: str, known: int) -> None:
    # Asked of every line before its fields: a newer schema may have changed what they mean.
    schema = msgspec.json.decode(line, type=_Head).schema
    if schema > known:
        raise RunError(
            f"{place} was written by a newer nstbench (schema {schema}, this version reads up to {known}). "
            "Update nstbench or choose another folder."
        )


def _encode(item: msgspec.Struct) -> bytes:
    try:
        return msgspec.json.encode(item)
    except UnicodeEncodeError:
        # Text from a dying worker may hold half a surrogate pair; the rest of the line matters more.
        return msgspec.json.encode(_clean(msgspec.structs.asdict(item)))


def _clean(value: object) -> object:
    if isinstance(value, dict):
        return {_clean(key): _clean(each) for key, each in value.items()}
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _repaired_end(descriptor: int, kind: type[msgspec.Struct]) -> int:
    """Cut off or finish a torn last line; return where the next line begins."""
    end = os.lseek(descriptor, 0, os.SEEK_END)
    if end == 0 or os.pread(descriptor, 1, end - 1) == b"\n":
        return end
    start = _line_start(descriptor, end)
    try:
        msgspec.json.decode(os.pread(descriptor, end - start, start), type=kind)
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
