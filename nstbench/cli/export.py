"""``nstbench export``: hand a run on, as a folder or in one file."""

from __future__ import annotations

import os
from pathlib import Path

import click

from nstbench.errors import RunError

__all__ = ["export_command"]


@click.command("export")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--zip", "zipped", is_flag=True, help="Write one zip file instead of a folder.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="The folder or file to write (default with --zip: RUN.zip)."
)
@click.option("--debug", is_flag=True, help="Show tracebacks.")
def export_command(run: Path, zipped: bool, out: Path | None, debug: bool) -> None:  # noqa: ARG001
    """Copy what readers look at of the run folder RUN: report, tables, figures, records, pictures and traces.

    Logs and other files that name paths of this machine stay behind. The copy is frozen: it can be read and compared,
    and no command changes it. An earlier export in its place is replaced, anything else is not.
    """
    from nstbench.results.archive import archive
    from nstbench.results.folder import RunFolder
    from nstbench.results.freeze import freeze

    target = out or _beside(run, zipped)
    if zipped:
        archive(run, target)
    elif target.suffix == ".zip":
        raise RunError(f"{target} would be a folder. Add --zip for a zip file, or choose another --out.")
    else:
        freeze(run, target)
    if not RunFolder(run).report.exists():
        click.echo(f"There is no report in it: run `nstbench report {run}` and export again.", err=True)
    click.echo(str(target))


def _beside(run: Path, zipped: bool) -> Path:
    if not zipped:
        raise RunError("say where the copy goes, with --out DIR, or add --zip for a zip file beside the run.")
    here = run.resolve()
    return Path(os.path.relpath(here.with_name(f"{here.name}.zip")))
