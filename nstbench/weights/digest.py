"""Is this file the one that was published? Checked once per file as it is on disk, not once per run."""

from __future__ import annotations

import contextlib
import hashlib
import json
from pathlib import Path

from nstbench.errors import RunError, WeightsError
from nstbench.files import cache_dir, file_sha256, write_text

__all__ = ["check_digest"]


def check_digest(path: Path, digest: str | None, remedy: str) -> None:
    """Raise ``WeightsError`` unless the file has this digest, ``"md5:<hex>"`` or ``"sha256:<hex>"`` or a prefix of one.

    ``remedy`` is the sentence that ends the message. ``digest`` None: there is nothing to compare with.
    """
    if digest is None:
        return
    algorithm, _, expected = digest.partition(":")
    try:
        found = file_sha256(path) if algorithm == "sha256" else _file_digest(path, algorithm)
    except OSError as error:
        raise WeightsError(f"cannot read {path} ({error.strerror}). {remedy}") from error
    if not found.startswith(expected.lower()):
        seen = f"{_megabytes(path)}, {algorithm} {found[:8]} instead of {expected[:8]}"
        raise WeightsError(f"{path} is damaged or another file ({seen}). {remedy}")


def _file_digest(path: Path, algorithm: str) -> str:
    """Return another digest than sha256, remembered by (path, size, modification time)."""
    if algorithm != "md5":
        raise WeightsError(f"{path}: {algorithm!r} is no digest known here; a plugin may give 'md5:' or 'sha256:'.")
    status = path.stat()
    key = f"{algorithm}|{path.resolve()}|{status.st_size}|{status.st_mtime_ns}"
    memory = cache_dir() / "hashes" / f"{hashlib.sha256(key.encode()).hexdigest()}.json"
    with contextlib.suppress(OSError, ValueError, KeyError):
        return str(json.loads(memory.read_text())[algorithm])
    with path.open("rb") as file:
        found = hashlib.file_digest(file, algorithm).hexdigest()
    with contextlib.suppress(RunError):
        write_text(memory, json.dumps({"path": str(path), algorithm: found}))
    return found


def _megabytes(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:.1f} MB"
