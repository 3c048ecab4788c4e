"""The networks that were used: section 2 of the report."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from nstbench.report.grid import Grid, weights_name
from nstbench.report.markdown import inline
from nstbench.report.numbers import MISSING, count, seconds, significant
from nstbench.results import Record, Status

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["models", "speeds"]


def models(grid: Grid) -> pd.DataFrame:
    """Return one row per network, backend and weights: its parameters, as counted on the native model."""
    import pandas as pd

    rows = [_model(records) for records in _by_model(grid).values()]
    names = ["backbone", "backend", "weights", "sha256", "architecture", "total", "trainable", "non-trainable"]
    return pd.DataFrame(rows, columns=names)


def speeds(grid: Grid) -> pd.DataFrame:
    """Return one row per network, backend and weights: where the time and the memory went (medians over its cells)."""
    import pandas as pd

    rows = [_speed([each for each in records if each.status is Status.OK]) for records in _by_model(grid).values()]
    names = ["network", "load", "first step", "step, median", "step, p90", "iterations/s", "peak memory", "device"]
    return pd.DataFrame([row for row in rows if row], columns=names)


def _by_model(grid: Grid) -> dict[tuple[str, str, str], list[Record]]:
    found: dict[tuple[str, str, str], list[Record]] = {}
    for record in grid.records:
        found.setdefault((record.label, record.backend, record.weights), []).append(record)
    return found


def _model(records: list[Record]) -> list[str]:
    # Only a worker that got as far as opening the network counted its parameters.
    known = next((each for each in records if each.parameters_total is not None), records[0])
    name = known.label if known.label == known.backbone else f"{known.label} ({known.backbone})"
    texts = (name, known.backend, weights_name(known.weights), (known.weights_sha256 or MISSING)[:12])
    counts = (known.parameters_total, known.parameters_trainable, known.parameters_non_trainable)
    return [*map(inline, texts), inline(known.architecture or MISSING), *map(count, counts)]


def _speed(records: list[Record]) -> list[str]:
    if not records:
        return []
    first = records[0]
    devices = ", ".join(dict.fromkeys(each.device for each in records if each.device))
    return [
        inline(f"{first.label} · {first.backend} · {weights_name(first.weights)}"),
        seconds(_median(records, "load_s")),
        seconds(_median(records, "first_step_s")),
        _with_unit(_median(records, "step_ms_median"), "ms"),
        _with_unit(_median(records, "step_ms_p90"), "ms"),
        significant(_median(records, "iterations_per_s")),
        _with_unit(_median(records, "peak_memory_mb"), "MiB"),
        inline(devices) or MISSING,
    ]


def _median(records: list[Record], field: str) -> float | None:
    values = [value for each in records if (value := getattr(each, field)) is not None]
    return float(statistics.median(values)) if values else None


def _with_unit(value: float | None, unit: str) -> str:
    text = significant(value)
    return text if text == MISSING else f"{text} {unit}"
