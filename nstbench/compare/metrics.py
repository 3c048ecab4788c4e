"""What is compared: numbers of a record of which less is better."""

from __future__ import annotations

from dataclasses import dataclass

from nstbench.results.record import Record, Status

__all__ = ["DEFAULT", "METRICS", "TIMES", "Metric"]


@dataclass(frozen=True, slots=True)
class Metric:
    """A number by its name on the command line; ``field`` is the record's. All are positive, less being better."""

    name: str
    field: str
    unit: str = ""

    @property
    def is_time(self) -> bool:
        """Whether it depends on the machine."""
        return bool(self.unit)

    def value(self, record: Record) -> float | None:
        """Return the number of a cell that succeeded, else None."""
        value = getattr(record, self.field) if record.status is Status.OK else None
        return None if value is None else float(value)


METRICS = {
    metric.name: metric
    for metric in (
        Metric("total", "total"),
        Metric("style", "style_weighted"),
        Metric("content", "content_weighted"),
        Metric("optimise_s", "optimise_s", "s"),
        Metric("step_ms_median", "step_ms_median", "ms"),
        Metric("first_step_s", "first_step_s", "s"),
        Metric("load_s", "load_s", "s"),
        Metric("peak_memory_mb", "peak_memory_mb", "MiB"),
    )
}
DEFAULT = ("total", "style")
TIMES = ("optimise_s", "step_ms_median")
