"""Read ``live.json``, and tell a run that goes on from one whose process is gone."""

from __future__ import annotations

import os
import socket

import msgspec

from nstbench.live.state import LIVE_SCHEMA, LiveRun, Process, Stage
from nstbench.results.folder import RunFolder

__all__ = ["read_live", "this_process"]

_APART_S = 60.0
"""Between two beginnings that are not the same process': a corrected clock moves all of them a little."""


class _Head(msgspec.Struct):
    schema: int


def read_live(folder: RunFolder) -> LiveRun | None:
    """Return where the run stands; None where nothing says so, or only in a way this version does not know.

    A run that was killed could not say so: it is ``interrupted`` here, and nothing of it is running.
    """
    try:
        data = folder.live.read_bytes()
        if msgspec.json.decode(data, type=_Head).schema > LIVE_SCHEMA:
            return None
        live = msgspec.json.decode(data, type=LiveRun)
    except (OSError, msgspec.DecodeError):
        return None
    if live.stage.over or not _gone(live.process):
        return live
    return msgspec.structs.replace(live, stage=Stage.INTERRUPTED, running=(), seconds_left=None)


def this_process() -> Process:
    """Return what tells this process from all others."""
    import psutil

    return Process(os.getpid(), socket.gethostname(), psutil.Process().create_time())


def _gone(process: Process) -> bool:
    """Say whether it is certain that the process has ended; of another machine's nothing is."""
    import psutil

    if process.host != socket.gethostname():
        return False
    try:
        one = psutil.Process(process.pid)
        return abs(one.create_time() - process.began) > _APART_S or one.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
    except psutil.Error:
        return False
