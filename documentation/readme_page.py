"""README.md: the table under its picture, of the published run in reports/example."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from nstbench.report.numbers import loss, seconds, significant, similarity
from nstbench.results import read_results
from tables import table

__all__ = ["render"]

_ROOT = Path(__file__).parents[1]
_BLOCK = re.compile(r"(?<=<!-- table -->\n).*?(?=<!-- /table -->)", re.DOTALL)


def render() -> str:
    """Return the README with its table as the published run has it."""
    text = (_ROOT / "README.md").read_text(encoding="utf-8")
    return _BLOCK.sub(lambda _: _table(read_results(_ROOT / "reports" / "example")) + "\n", text)


def _table(results: pd.DataFrame) -> str:
    """Return a row per layer set and a column per network and backend, of the cells that ran."""
    ran = results[results["status"] == "ok"]
    ran = ran.assign(column=[_column(cell) for cell in ran.to_dict("records")])
    columns = list(dict.fromkeys(ran["column"]))
    rows = []
    for layer_set, own in ran.groupby("layer_set", sort=False):
        cells = dict(zip(own["column"], own.to_dict("records"), strict=True))
        rows.append([str(layer_set), *(_cell(cells[column]) if column in cells else "" for column in columns)])
    return table(["layer set", *columns], rows)


def _column(cell: dict[object, object]) -> str:
    untrained = " (untrained)" if str(cell["weights"]).startswith("random") else ""
    return f"{cell['label']}{untrained} · {cell['backend']}"


def _cell(cell: dict[object, object]) -> str:
    total, relative, ssim, time = (
        float(str(cell[name])) for name in ("total", "relative_total", "ssim_content", "optimise_s")
    )
    return f"{loss(total)} ({significant(relative)}) · {similarity(ssim)} · {seconds(time)}"
