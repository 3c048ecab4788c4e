"""How fast: latency, of one picture alone, and throughput, of a worker that goes through a grid."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from nstbench.report.comparing import block_rows, machines
from nstbench.report.grid import Grid, weights_name
from nstbench.report.markdown import bullets, inline, table
from nstbench.report.numbers import MISSING, count, seconds, significant
from nstbench.results import Record

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["cells_per_hour", "latency", "median_of", "range_of", "sections", "throughput", "with_unit"]

_SETTING = ("label", "backend", "weights", "image_size", "precision", "device")
_HEADS = ["network", "long side", "precision"]

_LATENCY = [
    "*Latency*: how long one picture takes, alone on its device (batch 1). Medians over the cells of the time of an "
    "iteration (its median and 90th percentile within a cell; how far the cells' medians are apart shows how still the "
    "machine was); loading and the first step, which compiles, happen once per job and are apart.",
]
_THROUGHPUT = [
    "*Throughput*: how many cells of so many iterations a worker ends in an hour, 3600 s divided by the mean time that "
    "one cost it. Pictures, targets, first steps and the last evaluation are in it; loading is not, nor are files that "
    "were written while the next cell was computed. In a batch of several, cells share the time, and no picture is "
    "done before the others.",
]


def sections(grid: Grid) -> list[str]:
    """Return the parts of the report's section on speed; none where no cell succeeded."""
    parts: list[str] = []
    for heading, frame, notes in (
        ("Latency", latency(grid), _LATENCY),
        ("Throughput", throughput(grid), _THROUGHPUT),
    ):
        parts += [] if frame.empty else [f"**{heading}**", table(frame), bullets(notes)]
    if not parts:
        return []
    rows = [row for block in grid.blocks for row in block_rows(block)]
    return ["## Speed", *parts, bullets([f"Closed and open as in Table 1; {machines(rows)}."])]


def latency(grid: Grid) -> pd.DataFrame:
    """Return one row per network, backend, weights, size and precision: one cell at a time (medians over the cells)."""
    import pandas as pd

    alone = [record for record in grid.ok if record.batch == 1 and record.step_ms_median is not None]
    rows = [
        [
            *_setting(records[0]),
            seconds(median_of(records, "load_s")),
            seconds(median_of(records, "first_step_s")),
            with_unit(median_of(records, "step_ms_median"), "ms"),
            range_of(records, "step_ms_median", "ms"),
            with_unit(median_of(records, "step_ms_p90"), "ms"),
            significant(median_of(records, "iterations_per_s")),
            *_memory_and_device(records),
        ]
        for records in _grouped(alone, _SETTING)
    ]
    names = [
        "load",
        "first step",
        "iteration, median",
        "medians of its cells",
        "iteration, p90",
        "iterations/s",
        "peak memory",
        "device",
    ]
    return pd.DataFrame(rows, columns=[*_HEADS, *names])


def throughput(grid: Grid) -> pd.DataFrame:
    """Return one row per network, backend, weights, size, precision, number of iterations and size of the batches."""
    import pandas as pd

    counted = [record for record in grid.ok if record.elapsed_s]
    rows = [
        [
            *_setting(records[0]),
            count(records[0].iterations),
            count(records[0].batch),
            count(len(records)),
            significant(cells_per_hour(records)),
            *_memory_and_device(records),
        ]
        for records in _grouped(counted, (*_SETTING, "iterations", "batch"))
    ]
    names = ["iterations", "batch", "cells", "cells/hour", "peak memory", "device"]
    return pd.DataFrame(rows, columns=[*_HEADS, *names])


def cells_per_hour(records: Sequence[Record]) -> float | None:
    """Return 3600 s divided by the mean of what the cells cost their worker; None where none of them says."""
    known = [record.elapsed_s for record in records if record.elapsed_s]
    return 3600.0 * len(known) / sum(known) if known else None


def _grouped(records: Sequence[Record], names: Sequence[str]) -> list[list[Record]]:
    """Return the records that agree in these fields together, in the order of the suite."""
    found: dict[tuple[Any, ...], list[Record]] = {}
    for record in records:
        found.setdefault(tuple(getattr(record, name) for name in names), []).append(record)
    return list(found.values())


def _setting(record: Record) -> list[str]:
    network = f"{record.label} · {record.backend} · {weights_name(record.weights)}"
    return [inline(network), f"{record.image_size} px", inline(record.precision)]


def _memory_and_device(records: Sequence[Record]) -> list[str]:
    return [with_unit(median_of(records, "peak_memory_mb"), "MiB"), inline(records[0].device or MISSING)]


def median_of(records: Iterable[Record], field: str) -> float | None:
    """Return the median of a number of the records, None where none of them has it."""
    values = [value for each in records if (value := getattr(each, field)) is not None]
    return float(statistics.median(values)) if values else None


def range_of(records: Iterable[Record], field: str, unit: str) -> str:
    """Return the least and the greatest of a number of the records, ``200–280 ms``, or the only one."""
    values = [value for record in records if (value := getattr(record, field)) is not None]
    if not values:
        return MISSING
    ends = dict.fromkeys((significant(min(values)), significant(max(values))))
    return f"{'–'.join(ends)} {unit}"


def with_unit(value: float | None, unit: str) -> str:
    """Return a number of three digits with its unit, or that it is missing."""
    text = significant(value)
    return text if text == MISSING else f"{text} {unit}"
