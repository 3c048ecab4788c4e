"""From a planned cell and what became of it to the record that is stored."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import msgspec

from nstbench.execute.identity import backend_version, plugin_version
from nstbench.execute.plan import Plan, PlannedCell, State
from nstbench.execute.sources import image_sha256
from nstbench.measure.environment import machine_id
from nstbench.results.record import Record, Status
from nstbench.suite import without_folder

__all__ = ["Recorder", "now"]


def now() -> str:
    """Return the time in UTC, ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass
class Recorder:
    """Makes records for the cells of one plan; ``threads`` are those of each worker."""

    plan: Plan
    threads: int

    def record(self, planned: PlannedCell, fields: Mapping[str, Any], *, job: str = "", started: str = "") -> Record:
        """Return the record of one attempt; ``fields`` is what the worker, or its death, says."""
        known = self._coordinates(planned) | self._circumstances(planned)
        previous = planned.previous
        known |= {"attempt": previous.attempt + 1 if previous else 1, "job": job, "started": started or now()}
        if isinstance(reason := fields.get("reason"), str):
            fields = {**fields, "reason": self._without_place(reason)}
        try:
            return msgspec.convert(known | dict(fields), Record)
        except msgspec.ValidationError as error:  # a backend answered with something that is no figure
            reason = f"the backend's answer does not fit a record: {error}"
            return msgspec.convert(known | {"status": Status.ERROR, "reason": reason}, Record)

    def _without_place(self, reason: str) -> str:
        """Name files of the run by their path below its folder: records are handed on, and where it lies is private."""
        return reason.replace(f"{self.plan.folder.path.absolute()}{os.sep}", "")

    def not_run(self) -> Iterable[Record]:
        """Return a record for every cell that cannot run or is left out, unless the last one says the same."""
        words = {State.UNAVAILABLE: Status.UNAVAILABLE, State.SKIPPED: Status.SKIPPED}
        for planned in self.plan.cells:
            status = words.get(planned.state)
            last = planned.previous
            if status is None or (last is not None and (last.status, last.reason) == (status, planned.reason)):
                continue
            yield self.record(planned, {"status": status, "reason": planned.reason})

    def _coordinates(self, planned: PlannedCell) -> dict[str, Any]:
        cell = planned.cell
        fields: dict[str, Any] = msgspec.to_builtins(cell)
        optimizer = fields.pop("optimizer")
        fields |= {key: optimizer[key] for key in ("learning_rate", "beta1", "beta2", "epsilon", "epsilon_placement")}
        fields |= {"cell": cell.id, "optimizer": cell.optimizer.name, "init": without_folder(cell.init)}
        fields |= {"content_layers": " ".join(cell.content_layers), "style_layers": " ".join(cell.style_layers)}
        del fields["skipped"]
        if not cell.total_variation_weight:
            fields["total_variation_loss"] = None
        names = [planned.weights.info.name] if planned.weights else cell.weights
        return fields | {"weights": " or ".join(without_folder(name) for name in names)}

    def _circumstances(self, planned: PlannedCell) -> dict[str, Any]:
        cell, catalogue = planned.cell, self.plan.catalogue
        fields: dict[str, Any] = {"identity": planned.identity, "machine": self._machine, "device": planned.device}
        fields |= {"threads": self.threads}
        fields |= {"backend_version": backend_version(cell.backend, catalogue)}
        fields |= {"plugin": plugin_version(cell, catalogue)}
        if planned.identity:
            for role, name in (("content", cell.content), ("style", cell.style)):
                fields[f"{role}_sha256"] = image_sha256(self.plan.sources.image(role, name))
            if (start := self.plan.sources.start(cell)) is not None:
                fields["start_sha256"] = image_sha256(start)
        return fields

    @cached_property
    def _machine(self) -> str:
        return machine_id()
