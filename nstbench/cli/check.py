"""``nstbench check-plugin``: whether a plugin keeps to the contract."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nstbench.testing.conformance import Finding

__all__ = ["check_plugin_command"]

COLOURS = {"pass": "green", "fail": "red", "xfail": "yellow", "skip": "yellow"}


@click.command("check-plugin")
@click.argument("name")
@click.option("--weights-dir", type=click.Path(path_type=Path), help="Where to look for weight files first.")
@click.option("--size", type=click.IntRange(32, 1024), default=32, show_default=True, help="Long side, in pixels.")
@click.option("--only", multiple=True, metavar="CHECK", help="Make this check only; may be repeated.")
@click.option("--backbone", default="", metavar="PATTERN", help="Check these networks only, of families, too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--debug", is_flag=True, help="Show tracebacks.")
@click.pass_context
def check_plugin_command(
    context: click.Context,
    name: str,
    weights_dir: Path | None,
    size: int,
    only: tuple[str, ...],
    backbone: str,
    as_json: bool,
    debug: bool,  # noqa: ARG001
) -> None:
    """Check the plugin NAME (its entry point): descriptors, layers, gradients, a run in a worker, losses,
    metrics, reporters.

    Exit code 0 if nothing fails but what the plugin expects to, else 1.
    """
    from nstbench.testing.conformance import check_plugin

    found = check_plugin(name, size=size, weights_dir=weights_dir, only=only, backbones=backbone)
    if as_json:
        import json
        from dataclasses import asdict

        click.echo(json.dumps([asdict(one) for one in found], indent=2))
    else:
        _print(found)
    context.exit(int(any(one.status == "fail" for one in found)))


def _print(found: Sequence[Finding]) -> None:
    from rich.markup import escape
    from rich.table import Table

    from nstbench.cli.console import make_console

    table = Table("verdict", "of", "check", "found", box=None, pad_edge=False)
    for one in found:
        colour = COLOURS[one.status]
        verdict = f"[{colour}]{'FAIL' if one.status == 'fail' else one.status}[/]"
        table.add_row(verdict, escape(one.subject), one.check, escape(one.message))
    console = make_console()
    console.print(table)
    counts = {status: sum(one.status == status for one in found) for status in COLOURS}
    console.print("\n" + ", ".join(f"{count} {status}" for status, count in counts.items() if count) + ".")
