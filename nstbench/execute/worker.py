"""One job in a process of its own: ``python -m nstbench.execute.worker JOB OUT``.

JOB is a file written by ``nstbench.execute``; events go, a line each, to the file OUT (``-``: standard output). The
process ends as soon as its standard input does, so that no worker outlives its parent.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import stat
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import BinaryIO

import msgspec

from nstbench.execute.events import CellEnded, Event, Failed, encode, started
from nstbench.execute.failures import classify
from nstbench.execute.jobs import Job, JudgeJob, StyliseJob

__all__ = ["main"]


def main() -> None:
    """Run the job named on the command line."""
    job_file, out = sys.argv[1:3]
    stream = _claim_stdout() if out == "-" else Path(out).open("ab")  # noqa: SIM115 - closed below
    _watch_parent()
    job = msgspec.json.decode(Path(job_file).read_bytes(), type=Job)
    with stream:
        _work(job, stream)
        stream.flush()
        # Frameworks' own threads and finalisers have nothing left to do and can take seconds.
        sys.stderr.flush()
        os._exit(0)


def _work(job: Job, stream: BinaryIO) -> None:
    lock = threading.Lock()

    def emit(event: Event) -> None:
        line = encode(event)
        with lock:
            stream.write(line)
            stream.flush()

    try:
        work = _judging(job, emit) if isinstance(job, JudgeJob) else _stylising(job, emit)
    except Exception as error:
        traceback.print_exc()
        emit(Failed(*classify(error)))
        return
    work()


def _stylising(job: StyliseJob, emit: Callable[[Event], None]) -> Callable[[], None]:
    from nstbench.execute.attempt import attempt_all
    from nstbench.execute.workshop import Workshop

    began = perf_counter()
    workshop = Workshop.open(job)
    workshop.load_s = perf_counter() - began
    return lambda: attempt_all(workshop, emit)


def _judging(job: JudgeJob, emit: Callable[[Event], None]) -> Callable[[], None]:
    from nstbench.referee.bench import Bench

    bench = Bench.open(job)

    def judge_all() -> None:
        for one in job.cells:
            emit(started(one.id))
            emit(CellEnded(one.id, bench.judge(one)))

    return judge_all


def _claim_stdout() -> BinaryIO:
    """Keep standard output for events: whatever a library prints goes to standard error, that is, to the log."""
    ours = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(ours, "wb")


def _watch_parent() -> None:
    """End with the parent: it holds the other end of our standard input, whose end-of-file means that it is gone."""
    if stat.S_ISFIFO(os.fstat(0).st_mode):
        with contextlib.suppress(OSError):
            # The kernel's signal needs no turn at the interpreter, which a library may hold for a long time.
            fcntl.fcntl(0, fcntl.F_SETOWN, -os.getpid() if _leads_its_group() else os.getpid())
            fcntl.fcntl(0, fcntl.F_SETFL, fcntl.fcntl(0, fcntl.F_GETFL) | os.O_ASYNC)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    while os.read(0, 4096):
        pass
    if _leads_its_group():  # whatever a library started ends with us
        os.killpg(0, signal.SIGKILL)
    os._exit(70)


def _leads_its_group() -> bool:
    return os.getpgrp() == os.getpid()


if __name__ == "__main__":
    main()
