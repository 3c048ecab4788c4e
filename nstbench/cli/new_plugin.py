"""``nstbench new-plugin``: a package to start from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from nstbench.scaffold import Kind

__all__ = ["new_plugin_command"]


@click.command("new-plugin")
@click.argument("name")
@click.option(
    "--kind", type=click.Choice(["backbone", "loss", "metric", "reporter"]), default="backbone", show_default=True
)
@click.option("--backend", type=click.Choice(["torch", "tensorflow"]), help="That of a backbone.")
@click.option("--debug", is_flag=True, help="Show tracebacks.")
def new_plugin_command(name: str, kind: Kind, backend: str | None, debug: bool) -> None:  # noqa: ARG001
    """Write an installable plugin NAME into a new folder: descriptor, code, README, and a test that checks it."""
    from nstbench.scaffold import write_plugin

    if kind == "backbone" and backend is None:
        raise click.UsageError("a backbone is for one backend: say --backend torch or --backend tensorflow.")
    folder = write_plugin(name, kind, backend or "torch", Path())
    click.echo(f"wrote {folder}; now: pip install -e {folder} && nstbench check-plugin {name}")
