"""What is known of cells only once all have ended: what they can be compared with, and what judges say of them."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from nstbench.results import RunFolder, read_results, result_columns
from nstbench_mlflow.attempt import Attempt, log_metrics
from nstbench_mlflow.server import Server

__all__ = ["log_comparison"]


def log_comparison(server: Server, folder: RunFolder, attempts: Sequence[Attempt]) -> None:
    """Add ``comparison``, ``marks`` and judgements to the runs of these attempts. Raises whatever MLflow does."""
    table = read_results(folder.path)
    judged = [name for name in table.columns if name not in result_columns()]
    rows = {row["cell"]: row for row in table.to_dict("records")}
    for attempt in attempts:
        row = rows[attempt.cell]
        for name in ("comparison", "marks"):
            if isinstance(row[name], str) and row[name]:
                server.client.set_tag(attempt.id, f"nstbench.{name}", row[name])
        values = {_metric(name): row[name] for name in judged if not math.isnan(row[name])}
        if values:
            log_metrics(server, attempt, values, step=attempt.record["iterations_done"] or 0)


def _metric(column: str) -> str:
    """Return ``<judge>/<metric>`` or ``<judge>/<metric>.<layer>``, in the letters that every version takes.

    No name is the beginning of another and a slash: the local store has a file per metric, in folders.
    """
    judge, *rest = (re.sub(r"[^\w.-]+", "_", part, flags=re.ASCII) for part in column.split(":"))
    return "/".join([judge, ".".join(rest)]) if rest else judge
