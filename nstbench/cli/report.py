"""``nstbench report``: rebuild tables and figures from stored records."""

from __future__ import annotations

from pathlib import Path

import click

from nstbench.results.folder import RunFolder
from nstbench.results.lock import locked

__all__ = ["report_command"]


@click.command("report")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--debug", is_flag=True, help="Show tracebacks.")
def report_command(run: Path, debug: bool) -> None:  # noqa: ARG001
    """Rebuild the tables and figures of the run folder RUN from its records."""
    from nstbench.report.build import write_report
    from nstbench.results.manifest import read_manifest

    folder = RunFolder(run)
    read_manifest(folder)
    folder.check_writable()
    with locked(folder):
        click.echo(str(write_report(run)))
