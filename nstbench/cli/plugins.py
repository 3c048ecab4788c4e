"""``nstbench plugins``: what is installed."""

from __future__ import annotations

import json
from typing import Any

import click
from rich.markup import escape
from rich.table import Table

from nstbench.cli.console import make_console
from nstbench.plugin import Catalogue, load_catalogue
from nstbench.plugin.expected import expected_failures
from nstbench.plugin.observers import lacking, observed

__all__ = ["plugins_command"]


@click.command("plugins")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def plugins_command(as_json: bool) -> None:
    """List the installed plugins: distribution, version, what they announce, and what is broken."""
    rows = _plugins(load_catalogue())
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    table = Table("plugin", "distribution", "version", "status", "announces", box=None, pad_edge=False)
    for row in rows:
        status = "[green]ok[/]" if row["status"] == "ok" else f"[red]{row['status']}[/]"
        watches = [f"watches {' and '.join(row['observes'])}"] if row["observes"] else []
        about = ", ".join([*row["announces"], *watches])
        troubles = "; ".join(f"{one['stage']}: {one['reason']}" for one in row["problems"])
        excused = "; ".join(f"expected to fail: {check} ({why})" for check, why in row["expected_failures"].items())
        text = "; ".join(part for part in (about, row["lacks"], excused, troubles) if part)
        table.add_row(escape(row["plugin"]), escape(row["distribution"]), row["version"], status, escape(text))
    make_console().print(table)


def _plugins(catalogue: Catalogue) -> list[dict[str, Any]]:
    announced: dict[str, list[str]] = {}
    for (kind, key), owner in catalogue.owners.items():
        name = "/".join(key) if isinstance(key, tuple) else key
        announced.setdefault(owner, []).append(f"{kind}:{name}")
    names = {*catalogue.discovery.providers, *announced}
    excused = {name: _expected(catalogue, name) for name in names}
    lacks = {name: _lacking(catalogue, name) for name in names}
    troubles: dict[str, list[dict[str, str]]] = {}
    for problem in catalogue.problems:
        troubles.setdefault(problem.plugin, []).append({"stage": problem.stage, "reason": problem.error})
    providers = catalogue.discovery.providers
    rows = []
    for name in sorted({*providers, *troubles, *announced}):
        provider = providers.get(name)
        rows.append(
            {
                "plugin": name,
                "distribution": provider.distribution if provider else "nstbench" if name == "nstbench" else "?",
                "version": provider.version if provider else "",
                "status": _status(troubles.get(name, [])),
                "announces": sorted(announced.get(name, [])),
                "observes": observed(catalogue.discovery, name),
                "lacks": lacks.get(name, ""),
                "expected_failures": excused.get(name, {}),
                "problems": troubles.get(name, []),
            }
        )
    return rows


def _expected(catalogue: Catalogue, name: str) -> dict[str, str]:
    """Return what the plugin expects to fail; a table that is none is one of its problems."""
    with catalogue.discovery.guarded(name, "expected_failures"):
        return dict(expected_failures(catalogue, name))
    return {}


def _lacking(catalogue: Catalogue, name: str) -> str:
    """Return what the plugin lacks to look on at runs; a table that is none is one of its problems."""
    with catalogue.discovery.guarded(name, "requires"):
        return lacking(catalogue.discovery, name)
    return ""


def _status(troubles: list[dict[str, str]]) -> str:
    stages = {trouble["stage"] for trouble in troubles}
    return "ok" if not stages else "disabled" if stages == {"disabled"} else "broken"
