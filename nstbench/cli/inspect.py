"""``nstbench plugins`` and ``nstbench backbones``: what is installed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from nstbench.cli.console import make_console
from nstbench.errors import PluginError, WeightsError
from nstbench.plugin import Catalogue, load_catalogue
from nstbench.plugin.descriptors import BackboneInfo
from nstbench.plugin.expected import expected_failures
from nstbench.suite.suggest import suggestion
from nstbench.weights.locate import locate
from nstbench.weights.naming import weights_info

__all__ = ["backbones_command", "plugins_command"]


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
        about = ", ".join(row["announces"]) or ""
        troubles = "; ".join(f"{one['stage']}: {one['reason']}" for one in row["problems"])
        excused = "; ".join(f"expected to fail: {check} ({why})" for check, why in row["expected_failures"].items())
        text = "; ".join(part for part in (about, excused, troubles) if part)
        table.add_row(escape(row["plugin"]), escape(row["distribution"]), row["version"], status, escape(text))
    make_console().print(table)


def _plugins(catalogue: Catalogue) -> list[dict[str, Any]]:
    announced: dict[str, list[str]] = {}
    for (kind, key), owner in catalogue.owners.items():
        name = "/".join(key) if isinstance(key, tuple) else key
        announced.setdefault(owner, []).append(f"{kind}:{name}")
    excused = {name: _expected(catalogue, name) for name in {*catalogue.discovery.providers, *announced}}
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


def _status(troubles: list[dict[str, str]]) -> str:
    stages = {trouble["stage"] for trouble in troubles}
    return "ok" if not stages else "disabled" if stages == {"disabled"} else "broken"


@click.command("backbones")
@click.argument("name", required=False)
@click.option("--weights-dir", type=click.Path(path_type=Path), help="Where to look for weight files first.")
def backbones_command(name: str | None, weights_dir: Path | None) -> None:
    """List the backbones, or show one: parameters, layers, defaults, weights and whether they are here."""
    catalogue = load_catalogue()
    console = make_console()
    if name is None:
        console.print(_overview(catalogue, weights_dir))
        return
    found = [info for (_, known), info in catalogue.backbones.items() if known == name]
    if not found:
        names = sorted({known for _, known in catalogue.backbones})
        raise PluginError(f"there is no backbone {name[:60]!r}{suggestion(name, names)}")
    for info in found:
        _show(console, catalogue, info, weights_dir)


def _overview(catalogue: Catalogue, weights_dir: Path | None) -> Table:
    table = Table("backbone", "backend", "parameters", "layers", "weights here", box=None, pad_edge=False)
    for (backend, name), info in sorted(catalogue.backbones.items(), key=lambda item: item[0][::-1]):
        here = [weights for weights, state in _weights(catalogue, info, weights_dir) if state == "here"]
        count = f"{info.parameters.total:,}" if info.parameters else "?"
        table.add_row(escape(name), backend, count, str(len(info.layers)), escape(", ".join(here)))
    return table


def _weights(catalogue: Catalogue, info: BackboneInfo, weights_dir: Path | None) -> list[tuple[str, str]]:
    states = []
    for name in info.weights:
        if name in ("random", "file"):
            states.append(
                ({"random": "random:<seed>", "file": "file:PATH"}[name], "here" if name == "random" else "yours")
            )
            continue
        try:
            located = locate(weights_info(name, catalogue.weights, info.name), info.name, weights_dir)
            states.append((name, "here" if located.here else located.problem))
        except WeightsError as error:
            states.append((name, str(error)))
    return states


def _show(console: Console, catalogue: Catalogue, info: BackboneInfo, weights_dir: Path | None) -> None:
    counts = info.parameters
    console.print(f"[bold]{escape(info.name)}[/] on {escape(info.backend)}")
    if counts:
        console.print(f"parameters: {counts.total:,} ({counts.trainable:,} trainable, {counts.non_trainable:,} not)")
    console.print(f"default content layers: {escape(' '.join(info.content_layers))}, weight {info.content_weight:g}")
    console.print(f"default style layers: {escape(' '.join(info.style_layers))}, weight {info.style_weight:g}")
    for name, state in _weights(catalogue, info, weights_dir):
        console.print(f"weights {escape(name)}: {escape(state)}")
    table = Table("layer", "native name", box=None, pad_edge=False)
    for canonical, native in info.layers.items():
        table.add_row(escape(canonical), escape(native))
    console.print(table)
    console.print()
