"""Make the runs, rebuild their reports, print a line of each."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from nstbench.errors import NstbenchError
from reporting.made_up import make_run

__all__ = ["Cost", "rebuild", "run"]


@dataclass(frozen=True, slots=True)
class Cost:
    """A report's wall and processor seconds, highest resident memory of its largest process, and files by suffix."""

    seconds: float
    processor_s: float
    peak_mb: float
    files: Counter[str]
    size_mb: float


def run(counts: list[int], repeats: int, keep: Path | None) -> int:
    """Measure and print; return the exit code."""
    with ExitStack() as stack:
        place = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="nstbench-report-")))
        os.environ.setdefault("NSTBENCH_CACHE_DIR", str(place / "cache"))
        for count in counts:
            try:
                folder = make_run(place / f"records-{count}", count)
                costs = [rebuild(folder.path) for _ in range(repeats)]
            except NstbenchError as error:
                print(error, file=sys.stderr)  # noqa: T201
                return 2
            except subprocess.CalledProcessError as error:
                print(f"the report of {count} records failed: {error.stderr}", file=sys.stderr)  # noqa: T201
                return 1
            print(_line(count, costs), flush=True)  # noqa: T201
    return 0


def rebuild(run: Path) -> Cost:
    """Rebuild a run's report in a process of its own. Raises ``CalledProcessError`` where that fails."""
    command = [sys.executable, "-m", "nstbench", "report", str(run)]
    began, started = time.time(), time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, stderr=said)
    made = [path for path in run.rglob("*") if path.is_file() and path.stat().st_mtime >= began]
    size = sum(path.stat().st_size for path in made) / 2**20
    files = Counter(path.suffix for path in made)
    return Cost(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, files, size)


def _line(count: int, costs: list[Cost]) -> str:
    seconds, processor = (
        statistics.median(values) for values in ([c.seconds for c in costs], [c.processor_s for c in costs])
    )
    last = costs[-1]
    files = ", ".join(f"{number} {suffix or 'without suffix'}" for suffix, number in sorted(last.files.items()))
    return (
        f"{count} records: {seconds:.1f} s ({processor:.1f} s of processor time), peak {last.peak_mb:.0f} MiB, "
        f"{last.size_mb:.1f} MiB in {sum(last.files.values())} files ({files})"
    )
