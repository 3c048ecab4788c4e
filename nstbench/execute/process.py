"""One worker process: started, listened to, ended."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from nstbench.children import child_python
from nstbench.execute.events import CellStarted, Event, Failed, decode
from nstbench.execute.flights import Flights
from nstbench.execute.jobs import Job
from nstbench.files import replacing

__all__ = ["WorkerProcess"]

_LOG_TAIL = 4000


@dataclass(slots=True)
class WorkerProcess:
    """A worker on ``job``, whose cells are followed in ``flights``.

    ``log_start`` is where the part of the log begins that this worker, or the cell it began last, wrote. ``closed``
    says that the worker has closed its stream.
    """

    job: Job
    log: Path
    process: subprocess.Popen[bytes]
    flights: Flights
    log_start: int = 0
    closed: bool = False
    failed: Failed | None = None
    _rest: bytes = b""

    @classmethod
    def start(cls, job: Job, folder: Path, timeout: float) -> WorkerProcess:
        """Start a worker; the job file and the log go into ``folder``.

        Raises ``RunError`` where that cannot be written.
        """
        job_file, log = folder / f"{job.name}.json", folder / f"{job.name}.log"
        with replacing(job_file) as temporary:
            temporary.write_bytes(msgspec.json.encode(job))
        with log.open("ab") as errors:
            log_start = os.fstat(errors.fileno()).st_size
            process = subprocess.Popen(
                **_python(job, "-m", "nstbench.execute.worker", str(job_file), "-"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,  # a Ctrl-C is ours to handle, and a kill reaches the worker's children
            )
        return cls(job, log, process, Flights(timeout), log_start)

    @property
    def stream(self) -> int:
        """File descriptor to wait on."""
        if self.process.stdout is None:
            raise RuntimeError("the worker's output is not a pipe")
        return self.process.stdout.fileno()

    def read(self) -> Iterator[Event]:
        """Yield the events that have arrived; call when the stream is readable. Ends the stream at end-of-file."""
        data = os.read(self.stream, 1 << 16)
        self.closed = not data
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            event = decode(line)
            if event is not None:
                self._note(event)
                yield event

    def over(self) -> bool:
        """Whether the worker has closed its stream and ended."""
        if not self.closed:
            return False
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=0.05)
        return self.dead()

    def dead(self) -> bool:
        """Whether the process has ended, whoever else may hold its stream open."""
        return self.process.poll() is not None

    def kill(self) -> None:
        """End the worker and its children now."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.close()

    def close(self) -> None:
        """Close the pipes."""
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()

    def log_tail(self) -> str:
        """Return the end of what the worker wrote to its log, for the cell it began last if there is one."""
        with contextlib.suppress(OSError), self.log.open("rb") as file:
            file.seek(max(self.log_start, self.log.stat().st_size - _LOG_TAIL))
            return file.read().decode("utf-8", "replace")
        return ""

    def _note(self, event: Event) -> None:
        self.flights.note(event)
        if isinstance(event, CellStarted):
            self.log_start = event.log
        elif isinstance(event, Failed):
            self.failed = event


def _python(job: Job, *arguments: str) -> dict[str, Any]:
    """Return a worker's ``args`` and ``env``: the same modules, and the same number of threads for whoever asks."""
    child = child_python(*arguments)
    threads = {name: str(job.threads) for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    return child | {"env": child["env"] | threads | {"PYTHONUNBUFFERED": "1", "TF_CPP_MIN_LOG_LEVEL": "2"}}
