"""Files, written whole or not at all, and hashed only when they have changed."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path

import platformdirs

from nstbench.errors import RunError

__all__ = ["cache_dir", "file_sha256", "remove_others", "replacing", "write_text"]


def cache_dir() -> Path:
    """Return the user's cache folder for nstbench (``NSTBENCH_CACHE_DIR`` overrides it)."""
    chosen = os.environ.get("NSTBENCH_CACHE_DIR")
    return Path(chosen) if chosen else _users_cache(*map(os.environ.get, ("HOME", "XDG_CACHE_HOME")))


@cache
def _users_cache(*_environment: str | None) -> Path:
    """Return the folder where the system wants it; it is asked for a thousand times to list a thousand networks."""
    return Path(platformdirs.user_cache_dir("nstbench"))


@contextlib.contextmanager
def replacing(path: Path, *, durable: bool = True) -> Iterator[Path]:
    """Yield a temporary path beside ``path``, with its suffix; move it there if the block succeeds.

    ``durable``: it is on disk, whatever happens to the machine, once this returns. Raises ``RunError`` where the folder
    cannot be written or the disk is full.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-", suffix=path.suffix)
        os.close(handle)
    except OSError as error:
        raise RunError(f"cannot write {path}: {error.strerror}. Choose another folder or free some space.") from error
    temporary = Path(name)
    try:
        yield temporary
        if durable:
            with temporary.open("rb") as written:
                os.fsync(written.fileno())
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except OSError as error:
        raise RunError(f"cannot write {path}: {error.strerror}. Choose another folder or free some space.") from error
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file atomically, as UTF-8."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def remove_others(folder: Path, keep: Collection[str], own: re.Pattern[str]) -> None:
    """Remove the files of a folder whose names match ``own`` and are not kept: those of an earlier report.

    A file that somebody put there by hand, which has another name, stays. Raises ``RunError`` where one cannot be
    removed.
    """
    try:
        for path in list(folder.iterdir()) if folder.is_dir() else ():
            if path.name not in keep and own.fullmatch(path.name):
                path.unlink(missing_ok=True)
    except OSError as error:
        where = f"cannot remove files of an earlier report from {folder}"
        raise RunError(f"{where}: {error.strerror}. Check the folder.") from error


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file, remembered by (path, size, modification time).

    Raises ``OSError`` if the file cannot be read.
    """
    status = path.stat()
    key = f"{path.resolve()}|{status.st_size}|{status.st_mtime_ns}"
    memory = cache_dir() / "hashes" / f"{hashlib.sha256(key.encode()).hexdigest()}.json"
    with contextlib.suppress(OSError, ValueError, KeyError):
        return str(json.loads(memory.read_text())["sha256"])
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    with contextlib.suppress(RunError):
        write_text(memory, json.dumps({"path": str(path), "sha256": digest}))
    return digest


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
