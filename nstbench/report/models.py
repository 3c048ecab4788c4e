"""The networks that were used: section 2 of the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstbench.report.grid import Grid, weights_name
from nstbench.report.markdown import inline
from nstbench.report.numbers import MISSING, count
from nstbench.results import Record

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["models"]


def models(grid: Grid) -> pd.DataFrame:
    """Return one row per network, backend and weights: its parameters, as counted on the native model."""
    import pandas as pd

    rows = [_model(records) for records in _by_model(grid).values()]
    names = ["backbone", "backend", "weights", "sha256", "architecture", "total", "trainable", "non-trainable"]
    return pd.DataFrame(rows, columns=names)


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
