"""What each network was asked to do: layers, loss formulas and their weights, optimiser."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from nstbench.report.grid import Grid
from nstbench.report.markdown import inline
from nstbench.report.numbers import setting
from nstbench.results import Record

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["settings"]


def settings(grid: Grid) -> pd.DataFrame:
    """Return one row per network as markdown texts; where the suite varies a setting, all of its values."""
    import pandas as pd

    labels = dict.fromkeys(record.label for record in grid.records)
    rows = [_row(label, [record for record in grid.records if record.label == label]) for label in labels]
    names = [
        "network",
        "content layers",
        "content loss",
        "style loss",
        "α",
        "β",
        "γ",
        "optimiser",
        "iterations",
        "start",
    ]
    return pd.DataFrame(rows, columns=names)


def _row(label: str, records: list[Record]) -> list[str]:
    shown: list[Callable[[Record], str]] = [
        lambda record: record.content_layers.replace(" ", " + "),
        lambda record: record.content_loss,
        lambda record: record.style_loss,
        lambda record: setting(record.content_weight),
        lambda record: setting(record.style_weight),
        _variation,
        _optimizer,
        lambda record: setting(record.iterations),
        lambda record: record.init,
    ]
    return [inline(label), *(inline(", ".join(dict.fromkeys(map(show, records)))) for show in shown)]


def _variation(record: Record) -> str:
    kind = f" ({record.total_variation_loss})" if record.total_variation_loss == "isotropic" else ""
    return setting(record.total_variation_weight) + kind


def _optimizer(record: Record) -> str:
    if record.learning_rate is None:
        return record.optimizer
    placement = f" ({record.epsilon_placement})" if record.epsilon_placement else ""
    betas = f"β₁ {setting(record.beta1)} β₂ {setting(record.beta2)}"
    return f"{record.optimizer} {setting(record.learning_rate)} {betas} ε {setting(record.epsilon)}{placement}"
