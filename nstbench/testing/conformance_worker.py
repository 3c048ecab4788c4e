"""Check one thing that a plugin announces.

``python -m nstbench.testing.conformance_worker REQUEST.json ANSWERS.jsonl`` makes the checks of a ``Request``.
Answers are written one by one: if the process dies, the parent knows at which check.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

import msgspec

from nstbench.errors import NotApplicable, PluginError
from nstbench.plugin.protocols import Backend
from nstbench.plugin.target import load_target
from nstbench.testing.backbone_checks import BACKBONE_CHECKS
from nstbench.testing.conformance_job import BackboneRequest, LossRequest, MetricRequest, Request
from nstbench.testing.loss_checks import LOSS_CHECKS, LossBench
from nstbench.testing.metric_checks import METRIC_CHECKS, MetricBench
from nstbench.testing.nonconforming import answer
from nstbench.testing.parity_job import ParityJob
from nstbench.testing.parity_worker import NetworkBench, open_bench

__all__ = ["main"]


def main() -> None:
    """Make the checks of the request named on the command line, in its order."""
    request = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Request)
    known, opened = _bench(request)
    with Path(sys.argv[2]).open("ab") as file:
        for check in request.checks:
            found = answer(check, partial(_made, known[check], opened))
            file.write(msgspec.json.encode(found) + b"\n")
            file.flush()


def _made(check: Callable[[Any], str], opened: Callable[[], Any]) -> str:
    return check(opened())


def _bench(request: Request) -> tuple[Mapping[str, Callable[[Any], str]], Callable[[], Any]]:
    """Return the checks of this kind, and what makes their bench: whatever it raises belongs to a check."""
    if isinstance(request, BackboneRequest):
        return BACKBONE_CHECKS, cache(partial(_network, request.job))
    if isinstance(request, LossRequest):
        return LOSS_CHECKS, partial(LossBench.open, request.info, request.backend)
    if isinstance(request, MetricRequest):
        return METRIC_CHECKS, partial(MetricBench.open, request.info, Path(request.images))
    from nstbench.testing.reporter_checks import REPORTER_CHECKS, ReporterBench  # pandas, for these alone

    return REPORTER_CHECKS, cache(partial(ReporterBench.open, request.info, Path(request.folder)))


def _network(job: ParityJob) -> NetworkBench:
    backend: Backend = load_target(job.backend.target)()
    try:
        backend.configure(device=job.device, threads=job.threads, precision=job.precision)
    except (PluginError, NotImplementedError, ValueError) as error:
        if job.precision == "float64":
            raise NotApplicable(f"the backend {job.backend.name} has no float64: {error}") from error
        raise
    return open_bench(job, backend, job.networks[0])


if __name__ == "__main__":
    main()
