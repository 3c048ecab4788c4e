"""``nstbench verify``: whether the backends on this machine compute what they should."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.table import Table

    from nstbench.testing.parity_checks import Check
    from nstbench.testing.verify import Verdict

__all__ = ["verify_command"]


@click.command("verify")
@click.argument("backbone", required=False)
@click.option("--weights-dir", type=click.Path(path_type=Path), help="Where to look for weight files first.")
@click.option("--size", type=click.IntRange(32, 1024), default=48, show_default=True, help="Long side, in pixels.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--debug", is_flag=True, help="Show tracebacks.")
@click.pass_context
def verify_command(
    context: click.Context,
    backbone: str | None,
    weights_dir: Path | None,
    size: int,
    as_json: bool,
    debug: bool,  # noqa: ARG001
) -> None:
    """Check BACKBONE, or every one that has weights here, on every installed backend: with each other and with float64.

    Exit code 0 if every bound holds, 1 if one is broken, 2 if something could not be checked.
    """
    from nstbench.plugin import load_catalogue
    from nstbench.testing.verify import verify

    verdict = verify(load_catalogue(), backbone, weights_dir, size)
    if as_json:
        click.echo(_json(verdict))
    else:
        _print(verdict)
    context.exit(verdict.exit_code)


def _print(verdict: Verdict) -> None:
    from rich.markup import escape

    from nstbench.cli.console import make_console

    console = make_console()
    if verdict.checks:
        console.print(_table(verdict.checks))
    for line in verdict.remarks:
        console.print(escape(line), style="yellow")
    for line in verdict.failures:
        console.print(f"could not be checked: {escape(line)}", style="red")
    bounded = sum(check.bound is not None for check in verdict.checks)
    count = len(verdict.broken)
    good = f"all {bounded} bounds hold" if bounded else "no bound was checked"
    summary = f"{count} of {bounded} bounds broken" if count else good
    console.print(f"\n{summary}" + (f", {len(verdict.failures)} not checked" if verdict.failures else "") + ".")


def _table(checks: tuple[Check, ...]) -> Table:
    from rich.markup import escape
    from rich.table import Table

    table = Table("verdict", "backbone (weights)", "check", "error", "bound", "where", box=None, pad_edge=False)
    for check in checks:
        verdict = "-" if check.bound is None else "[green]pass[/]" if check.ok else "[red]FAIL[/]"
        sign = ">=" if check.at_least else "<="
        bound = "-" if check.bound is None else f"{sign} {check.bound:.0e}"
        table.add_row(
            verdict, escape(check.network), escape(check.name), f"{check.worst:.1e}", bound, escape(check.where)
        )
    return table


def _json(verdict: Verdict) -> str:
    import json
    import math

    checks = [
        {
            "network": check.network,
            "check": check.name,
            "error": check.worst if math.isfinite(check.worst) else None,
            "bound": check.bound,
            "at_least": check.at_least,
            "ok": check.ok,
            "where": check.where,
        }
        for check in verdict.checks
    ]
    found = {"ok": verdict.exit_code == 0, "checks": checks, "remarks": verdict.remarks, "failures": verdict.failures}
    return json.dumps(found, indent=2)
