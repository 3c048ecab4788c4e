"""A contestant's process: started, asked, kept still while others run, ended."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

import psutil

__all__ = ["Ended", "Process", "start"]

PATIENCE_S = 900.0
"""Longest wait for an answer."""


class Ended(Exception):  # noqa: N818 - an outcome: a row of the table
    """The contestant cannot run; the message is its reason, of paths only the last part."""

    def __init__(self, reason: str) -> None:
        super().__init__(re.sub(r"(?:/[\w.+-]+)+/([\w.+-]+)", r"\1", reason))


@dataclass(slots=True)
class Process:
    """One contestant. ``start_s`` is the time from its making to its first answer, which is ``first``."""

    popen: subprocess.Popen[bytes]
    log: Path
    began: float
    start_s: float = 0.0
    first: dict[str, Any] = field(default_factory=dict)
    _rest: bytes = b""

    def ask(self, command: str) -> dict[str, Any]:
        """Send a command to a process that is awake; return its answer. Raises ``Ended`` if there is none."""
        if self.popen.stdin is None:
            raise Ended("no pipe")
        try:
            self.popen.stdin.write(command.encode() + b"\n")
            self.popen.stdin.flush()
        except OSError as error:
            raise Ended(self._why()) from error
        return self.answer()

    def answer(self) -> dict[str, Any]:
        """Wait for the next answer. Raises ``Ended`` if the process ends, says that it failed, or takes too long."""
        deadline = monotonic() + PATIENCE_S
        while b"\n" not in self._rest:
            self._read(deadline)
        line, _, self._rest = self._rest.partition(b"\n")
        answer: dict[str, Any] = json.loads(line)
        if answer["event"] == "failed":
            raise Ended(answer["reason"])
        return answer

    def hold(self) -> None:
        """Stop the process: it uses no processor until it is released, whatever its threads would do."""
        self._signal(signal.SIGSTOP)

    def release(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def cpu_s(self) -> float:
        """Return the processor time it has used."""
        try:
            times = psutil.Process(self.popen.pid).cpu_times()
        except psutil.Error:
            return 0.0
        return float(times.user + times.system)

    def peak_memory_mb(self) -> float | None:
        """Return its highest resident memory in MiB (``VmHWM``, proc(5)), whatever it was needed for."""
        peak = self.cell_memory_mb()
        return None if peak is None else max(peak, float(self.first.get("earlier_peak_mb", 0.0)))

    def cell_memory_mb(self) -> float | None:
        """Return the highest since it last had the kernel forget it, which nstbench does when a cell begins."""
        try:
            lines = Path(f"/proc/{self.popen.pid}/status").read_text().splitlines()
        except OSError:
            return None
        found = [int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")]
        return found[0] if found else None

    def end(self) -> None:
        """Kill it; there is nothing to save."""
        self._signal(signal.SIGKILL)
        self.popen.wait()
        for pipe in (self.popen.stdin, self.popen.stdout):
            if pipe is not None:
                pipe.close()

    def _read(self, deadline: float) -> None:
        stream = self.popen.stdout
        if stream is None or not select.select([stream], [], [], max(0.0, deadline - monotonic()))[0]:
            raise Ended(f"no answer within {PATIENCE_S:.0f} s")
        data = os.read(stream.fileno(), 1 << 16)
        if not data:
            raise Ended(self._why())
        self._rest += data

    def _why(self) -> str:
        """Return how it ended and the last line of its log."""
        code = self.popen.wait()
        lines = self.log.read_text(errors="replace").strip().splitlines()
        how = f"killed by signal {-code}" if code < 0 else f"ended with code {code}"
        return f"{how}: {lines[-1]}" if lines else how

    def _signal(self, number: int) -> None:
        if self.popen.poll() is None:
            self.popen.send_signal(number)


def start(command: Sequence[str], environment: dict[str, str], log: Path) -> Process:
    """Start a process and wait for its first answer. Raises ``Ended`` if it cannot run, with the reason."""
    began = monotonic()
    try:
        with log.open("ab") as errors:
            popen = subprocess.Popen(
                list(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=environment,
                start_new_session=True,
            )
    except OSError as error:
        raise Ended(f"{command[0]}: {error.strerror}") from error
    process = Process(popen, log, began)
    try:
        process.first = process.answer()
    except BaseException:
        process.end()
        raise
    process.start_s = monotonic() - began
    return process
