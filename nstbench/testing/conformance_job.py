"""What the conformance kit checks of each kind of thing a plugin announces, and the processes that do so."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import msgspec

from nstbench.children import child_python
from nstbench.plugin.descriptors import BackendInfo, LossInfo, MetricInfo, ReporterInfo
from nstbench.testing.parity_job import ParityJob

__all__ = [
    "CHECKS",
    "Answer",
    "BackboneRequest",
    "LossRequest",
    "MetricRequest",
    "ReporterRequest",
    "Request",
    "answers",
]

CHECKS: dict[str, tuple[str, ...]] = {
    "plugin": ("descriptor", "import"),
    "backbones": (
        "layers",
        "taps",
        "gradient",
        "repeat",
        "descent",
        "synchronisation",
        "differences",
        "worker",
    ),
    "losses": ("zero", "batch", "gradient"),
    "metrics": ("value", "repeat"),
    "reporters": ("report", "repeat", "empty"),
}
"""The checks by kind: of the plugin as a whole, and of each thing it announces."""
TIMEOUT = 600
"""Seconds that the checks of one thing may take together."""


class Answer(msgspec.Struct, frozen=True):
    """How one check ended, ``pass``, ``fail`` or ``skip``, and a sentence or two: figures, or what is wrong."""

    check: str
    status: str
    message: str


class BackboneRequest(msgspec.Struct, frozen=True, tag="backbone"):
    """Checks of the one network of ``job``, in its precision."""

    checks: tuple[str, ...]
    job: ParityJob


class LossRequest(msgspec.Struct, frozen=True, tag="loss"):
    """Checks of a formula; ``backend`` is the framework that differentiates it, None where there is none."""

    checks: tuple[str, ...]
    info: LossInfo
    backend: BackendInfo | None


class MetricRequest(msgspec.Struct, frozen=True, tag="metric"):
    """Checks of a metric on the pictures of an .npz, see ``parity_job.pictures``."""

    checks: tuple[str, ...]
    info: MetricInfo
    images: str


class ReporterRequest(msgspec.Struct, frozen=True, tag="reporter"):
    """Checks of a reporter on runs that are made in ``folder``, which is empty."""

    checks: tuple[str, ...]
    info: ReporterInfo
    folder: str


Request = BackboneRequest | LossRequest | MetricRequest | ReporterRequest


def answers(request: Request, folder: Path) -> list[Answer]:
    """Run a request in a process of its own; a process that dies fails the check it was at, and those after it."""
    files = [folder / "request.json", folder / "answers.jsonl"]
    files[0].write_bytes(msgspec.json.encode(request))
    files[1].write_bytes(b"")
    ended, last = _ended(child_python("-m", "nstbench.testing.conformance_worker", *map(str, files)))
    found = [msgspec.json.decode(line, type=Answer) for line in files[1].read_bytes().splitlines()]
    missing = [check for check in request.checks if check not in {one.check for one in found}]
    text = (
        f"the process {ended} at {missing[0] if missing else ''!r}: {last}. A plugin must raise an exception instead."
    )
    return found + [Answer(check, "fail", text) for check in missing]


def _ended(process: dict[str, Any]) -> tuple[str, str]:
    """Run a process of ``child_python``; return how it ended, and the last line it wrote to its standard error."""
    try:
        done = subprocess.run(**process, capture_output=True, text=True, errors="replace", timeout=TIMEOUT, check=False)
    except subprocess.TimeoutExpired:
        return f"was ended after {TIMEOUT} s", "it hangs, or is too slow for pictures this small"
    return f"ended with exit code {done.returncode}", (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
