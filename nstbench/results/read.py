"""A run's records as a typed table."""

from __future__ import annotations

import types
import typing
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nstbench.results.comparison import with_comparison
from nstbench.results.folder import RunFolder
from nstbench.results.judgements import Judgements, judgements
from nstbench.results.manifest import Manifest, read_manifest
from nstbench.results.marks import with_marks
from nstbench.results.record import Record, Status, result_columns
from nstbench.results.store import latest, read_records

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["in_grid_order", "read_results", "to_frame"]


def read_results(run_dir: str | Path) -> pd.DataFrame:
    """Return one row per cell that has a record: its last attempt, in the order of the grid.

    The columns are ``result_columns()``, then one for each thing that a judge says (``vgg19:style_distance``,
    ``ms_ssim``); counts are ``Int64``, measures ``float64``, text ``string`` and ``status`` a category, whatever is
    missing. ``results.parquet`` of a report is this table. Cells that a later suite no longer has are left out. Raises
    ``RunError`` where the folder is not a run folder or was written by a newer version.
    """
    folder = RunFolder(Path(run_dir))
    manifest = read_manifest(folder)
    records = in_grid_order(manifest, read_records(folder))
    return to_frame(records, judgements(folder, manifest, [record.cell for record in records]))


def in_grid_order(manifest: Manifest, records: Sequence[Record]) -> list[Record]:
    """Return the last attempt at each cell of the grid that has one, each compared with the others and marked."""
    last = latest(records)
    return with_marks(with_comparison([last[cell.id] for cell in manifest.cells if cell.id in last]))


def to_frame(records: Sequence[Record], judged: Judgements | None = None) -> pd.DataFrame:
    """Return records as rows of a table whose types depend on the schema alone, never on the values.

    ``judged`` adds a column of numbers for each thing that a judge says.
    """
    import pandas as pd

    kinds = _column_types()
    columns = {name: pd.Series([_plain(record, name) for record in records], dtype=kinds[name]) for name in kinds}
    for name, values in (judged or Judgements()).columns().items():
        columns[name] = pd.Series([values.get(record.cell) for record in records], dtype="float64")
    return pd.DataFrame(columns)


def _plain(record: Record, name: str) -> Any:
    value = getattr(record, name)
    return value.value if isinstance(value, Status) else value


def _column_types() -> dict[str, Any]:
    hints = typing.get_type_hints(Record)
    return {name: _column_type(hints[name]) for name in result_columns()}


def _column_type(hint: Any) -> Any:
    import pandas as pd

    kinds = set(typing.get_args(hint)) - {types.NoneType} or {hint}
    if kinds == {Status}:
        return pd.CategoricalDtype([status.value for status in Status])
    if kinds == {int}:
        return "Int64"
    return "float64" if kinds == {float} else "string"
