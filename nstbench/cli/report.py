"""``nstbench report``: rebuild tables, figures and what reporters make, from stored records."""

from __future__ import annotations

from pathlib import Path

import click
from rich.markup import escape

from nstbench.cli.console import make_console
from nstbench.plugin import load_catalogue
from nstbench.results.folder import RunFolder
from nstbench.results.lock import locked

__all__ = ["report_command"]


@click.command("report")
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--pairs", type=click.IntRange(min=1), metavar="N", help="Draw so many image pairs, not the first few only."
)
@click.option("--debug", is_flag=True, help="Show tracebacks.")
def report_command(run: Path, pairs: int | None, debug: bool) -> None:  # noqa: ARG001
    """Rebuild the tables and figures of the run folder RUN from its records, and what installed reporters make."""
    from nstbench.report.build import write_report
    from nstbench.report.figures import PAIRS
    from nstbench.results.manifest import read_manifest

    folder = RunFolder(run)
    read_manifest(folder)
    folder.check_writable()
    catalogue = load_catalogue()
    with locked(folder):
        written = write_report(run, catalogue, pairs or PAIRS)
    for problem in catalogue.problems:
        make_console(stderr=True).print(escape(str(problem)), style="yellow")
    for path in written.paths:
        click.echo(str(path))
