"""``nstbench init`` and ``nstbench schema``: files to start from."""

from __future__ import annotations

import json
from pathlib import Path

import click

from nstbench.errors import RunError
from nstbench.files import write_text

__all__ = ["init_command", "schema_command"]


@click.command("init")
@click.argument("path", type=click.Path(path_type=Path), default=Path("suite.yaml"))
def init_command(path: Path) -> None:
    """Write a small commented suite to PATH (default: suite.yaml)."""
    from nstbench.suite import template

    if path.exists():
        raise RunError(f"{path} exists. Choose another name; nothing is overwritten.")
    write_text(path, template())
    click.echo(f"wrote {path}; now: nstbench run {path}")


@click.command("schema")
@click.argument("path", type=click.Path(path_type=Path, allow_dash=True), default=Path("-"))
def schema_command(path: Path) -> None:
    """Write the JSON Schema of suite files to PATH (default: standard output), for editors."""
    from nstbench.suite import json_schema

    text = json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
    if str(path) == "-":
        click.echo(text, nl=False)
    else:
        write_text(path, text)
        click.echo(f"wrote {path}")
