"""``nstbench compare``: is the second run worse than the first?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec
from rich.markup import escape
from rich.table import Table

from nstbench.cli.console import make_console
from nstbench.compare.metrics import METRICS

if TYPE_CHECKING:
    from nstbench.compare.verdict import Comparison

__all__ = ["compare_command"]


class _Share(click.ParamType[float]):
    """``5%`` or ``0.05``; a bare 5 is more likely a percentage than a factor of six, so it is refused."""

    name = "share"

    def convert(self, value: str | float, param: click.Parameter | None, context: click.Context | None) -> float:
        """Return the share, or refuse it."""
        text = str(value).strip()
        try:
            share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
        except ValueError:
            share = -1
        if not 0 <= share <= (10 if text.endswith("%") else 0.999):
            self.fail(f"{text[:40]!r} is not a share: write 5% or 0.05.", param, context)
        return share


@click.command("compare")
@click.argument("before", metavar="RUN_A", type=click.Path(path_type=Path))
@click.argument("after", metavar="RUN_B", type=click.Path(path_type=Path))
@click.option("--threshold", type=_Share(), default="5%", show_default=True, help="Larger changes count.")
@click.option("--times", is_flag=True, help="Compare times even of different machines, versions or single runs.")
@click.option(
    "--metric",
    "metrics",
    multiple=True,
    type=click.Choice(list(METRICS)),
    help="Compare this instead; may be repeated.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--markdown", "as_markdown", is_flag=True, help="Print markdown.")
@click.option("--debug", is_flag=True, help="Show tracebacks.")
@click.pass_context
def compare_command(
    context: click.Context,
    before: Path,
    after: Path,
    threshold: float,
    times: bool,
    metrics: tuple[str, ...],
    as_json: bool,
    as_markdown: bool,
    debug: bool,  # noqa: ARG001 - seen by ``nstbench.cli.app``, which shows errors
) -> None:
    """Compare the run folder RUN_B with RUN_A, cell by cell; exit code 0: no regression, 1: worse, 2: not comparable.

    Cells are matched by images, network, backend, weights, layers, losses and seed; other settings that differ are
    listed. With repeats in both runs (5 or more advised), statistics over all cells decide.
    """
    from nstbench.compare.runs import compare, read_run
    from nstbench.compare.table import markdown
    from nstbench.compare.words import verdict

    found = compare(read_run(before), read_run(after), threshold=threshold, metrics=metrics, times=times)
    if as_json:
        data = {"verdict": verdict(found), "exit_code": found.exit_code, **msgspec.to_builtins(found)}
        click.echo(json.dumps(msgspec.json.decode(msgspec.json.encode(data)), indent=2, ensure_ascii=False))
    elif as_markdown:
        click.echo(markdown(found), nl=False)
    else:
        _print(found)
    context.exit(found.exit_code)


def _print(found: Comparison) -> None:
    from nstbench.compare.table import MARKS, sections
    from nstbench.compare.words import summary, verdict

    console = make_console()
    for section in sections(found):
        console.print(f"[bold]{escape(section.heading)}[/]")
        table = Table(box=None, pad_edge=False)
        for column in section.columns:
            table.add_column(escape(column), overflow="fold")
        for row in section.rows:
            table.add_row(*map(escape, row), style={"+": "red", "!": "red", "-": "green", "*": "green"}.get(row[0], ""))
        console.print(table)
        console.print()
    console.print(MARKS, style="dim")
    console.print(escape(summary(found)))
    for note in found.notes:
        console.print(escape(note), style="yellow")
    console.print(escape(verdict(found)), style="red" if found.exit_code else "green")
