"""One attempt at a cell as a run of MLflow's: parameters, metrics, tags and files."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from nstbench.results import RunFolder, Status
from nstbench.results.parts import measures, settings
from nstbench.results.trace import read_trace
from nstbench_mlflow.server import Server

if TYPE_CHECKING:
    from mlflow.entities import Metric

__all__ = ["Attempt", "log_attempt", "log_metrics"]

_CURVES = ("total", "style", "content")
_MOST_METRICS = 1000
"""That MLflow takes at a time."""
_LONGEST = 5000
"""Characters of a tag that every store keeps."""
_TAGS = ("cell", "attempt", "status", "reason", "machine", "backend_version", "plugin")


@dataclass
class Attempt:
    """A record as it is stored; ``id`` is that of MLflow's run, once there is one."""

    record: Mapping[str, Any]
    id: str = ""

    @property
    def cell(self) -> str:
        """The cell's id."""
        return str(self.record["cell"])

    @cached_property
    def begun(self) -> int:
        """When it began, in ms."""
        return round(datetime.fromisoformat(self.record["started"]).timestamp() * 1000)

    @cached_property
    def ended(self) -> int:
        """When it ended, in ms: by the worker's clock, and of one that died, now."""
        took = self.record["elapsed_s"]
        return round(time.time() * 1000) if took is None else self.begun + round(took * 1000)


def log_attempt(server: Server, folder: RunFolder, attempt: Attempt) -> None:
    """Log everything; one that was broken off half way is logged to the end. Raises whatever MLflow does."""
    from mlflow.entities import Param

    client, record = server.client, attempt.record
    if not attempt.id:
        run = client.create_run(server.experiment, attempt.begun, _tags(folder, record), _name(record))
        attempt.id = run.info.run_id
    client.log_batch(attempt.id, params=[Param(name, str(value)) for name, value in settings(record).items()])
    log_metrics(server, attempt, measures(record), step=record["iterations_done"] or 0)
    curves = list(_curves(folder, attempt))
    for first in range(0, len(curves), _MOST_METRICS):
        client.log_batch(attempt.id, metrics=curves[first : first + _MOST_METRICS])
    for path in (folder.image(attempt.cell), folder.trace(attempt.cell)):
        if path.exists():
            client.log_artifact(attempt.id, str(path))
    status = "FINISHED" if record["status"] == Status.OK else "FAILED"
    client.set_terminated(attempt.id, status, attempt.ended)


def log_metrics(server: Server, attempt: Attempt, values: Mapping[str, float], step: int) -> None:
    """Log numbers of the final picture. Raises whatever MLflow does."""
    from mlflow.entities import Metric

    metrics = [Metric(name, value, attempt.ended, step) for name, value in values.items()]
    server.client.log_batch(attempt.id, metrics=metrics)


def _name(record: Mapping[str, Any]) -> str:
    again = f" (attempt {record['attempt']})" if record["attempt"] > 1 else ""
    return f"{record['cell']}{again}"


def _tags(folder: RunFolder, record: Mapping[str, Any]) -> dict[str, str]:
    tags = {name: record[name] for name in _TAGS} | {"run": folder.path.resolve().name}
    return {f"nstbench.{name}": str(value)[:_LONGEST] for name, value in tags.items() if value not in (None, "")}


def _curves(folder: RunFolder, attempt: Attempt) -> Iterator[Metric]:
    from mlflow.entities import Metric

    trace = read_trace(folder.trace(attempt.cell))
    for index, step in enumerate(trace.get("iteration", ())):
        for name in _CURVES:
            if name in trace:
                yield Metric(f"loss/{name}", trace[name][index], attempt.ended, int(step))
