"""What a terminal shows of a run: a line for each running cell, and one for all of them."""

from __future__ import annotations

from rich.console import Console, ConsoleOptions, RenderResult
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from nstbench.live.running import Running
from nstbench.live.standing import Standing
from nstbench.live.state import Stage
from nstbench.live.words import clock, rate

__all__ = ["Screen"]

_WIDE = 110
"""Columns from which there is room for bars beside a cell's figures."""


class Screen:
    """Draws ``standing`` as it is at the moment it is drawn; no line is ever wider than the terminal."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the lines, the overall one last, as many as the terminal has room for."""
        now, room = self._standing, max(1, (options.height or console.height) - 4)
        cells = list(now.running.values())
        wide = options.max_width >= _WIDE
        if cells:
            yield _cells(cells[:room], wide=wide)
        if len(cells) > room:
            yield Text(f"... and {len(cells) - room} more", style="dim")
        if now.planned:
            yield _overall(now)


def _cells(cells: list[Running], *, wide: bool) -> Table:
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    if wide:
        table.add_column(width=20, no_wrap=True)
    for _ in range(4):
        table.add_column(justify="right", no_wrap=True)
    for one in cells:
        bar = (ProgressBar(one.cell.iterations or 1, one.done, width=20),) if wide else ()
        table.add_row(_name(one), *bar, *_figures(one))
    return table


def _name(one: Running) -> Text:
    """Return what the cell is, the most telling part first: what does not fit is cut off."""
    cell = one.cell
    layers = f"set {cell.layer_set}: {' '.join(cell.style_layers)}"
    varying = one.title.partition(" ")[2]
    name = f"{cell.backend} {cell.label} {layers} {cell.content}/{cell.style} {varying}"
    return Text(name.rstrip(), style="cyan")


def _figures(one: Running) -> tuple[str, str, str, str]:
    left = clock(one.seconds_left) if one.doing == "optimising" else one.doing
    loss = f"loss {one.loss:.3g}" if one.loss is not None else ""
    return f"{one.done}/{one.cell.iterations}", loss, rate(one.per_second), left


def _overall(now: Standing) -> Table:
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(no_wrap=True, overflow="ellipsis")
    table.add_column(ratio=1)
    table.add_column(justify="right", no_wrap=True)
    table.add_row(_counts(now), ProgressBar(1.0, now.share), _time(now))
    return table


def _counts(now: Standing) -> Text:
    text = Text(f"{now.done}/{now.planned} cells")
    if now.failed:
        text.append(f", {now.failed} failed", style="red")
    if now.stage is Stage.JUDGING:
        text.append(f", {now.judged}/{now.to_judge} judged")
    return text


def _time(now: Standing) -> str:
    if now.stage is Stage.JUDGING:
        return "judging"
    return "report" if now.done == now.planned else f"{clock(now.seconds_left())} left"
