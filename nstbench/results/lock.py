"""One run at a time per folder."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import filelock

from nstbench.errors import RunError
from nstbench.results.folder import RunFolder

__all__ = ["locked"]


@contextlib.contextmanager
def locked(folder: RunFolder, *, remedy: str = "Wait for it, or choose another --out.") -> Iterator[None]:
    """Hold the folder's lock for the length of the block.

    The kernel holds the lock, not the file: it ends with the process however that dies, so a file left behind never
    blocks anybody. Raises ``RunError`` where another process holds it, with the ``remedy``, or the folder cannot be
    written.
    """
    lock = filelock.FileLock(folder.lock, timeout=0)
    try:
        lock.acquire()
    except filelock.Timeout as error:
        raise RunError(f"another run is writing to {folder.path}. {remedy}") from error
    except OSError as error:
        raise RunError(f"cannot lock {folder.path}: {error.strerror}. Choose another --out.") from error
    try:
        yield
    finally:
        lock.release()
