"""``nstbench watch``: a page that shows a run while it goes on."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from nstbench.results.folder import RunFolder

__all__ = ["watch_command"]


@click.command("watch")
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Where to serve (default: any port that is free)."
)
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@click.option("--debug", is_flag=True, help="Show tracebacks.")
def watch_command(run: Path, port: int, no_browser: bool, debug: bool) -> None:  # noqa: ARG001
    """Show the run folder RUN as a page that renews itself, on this machine only, until Ctrl-C.

    The run may be going on, from any terminal, or be over. Who does not have the whole address sees nothing, and nobody
    can change anything.
    """
    from nstbench.execute.signals import terminable
    from nstbench.results.manifest import read_manifest
    from nstbench.watch.browser import show
    from nstbench.watch.server import WatchServer
    from nstbench.watch.serving import RunSite, give_way

    read_manifest(RunFolder(run))
    with WatchServer(RunSite(run).find, port) as server:
        click.echo(server.address)
        click.echo("served until Ctrl-C", err=True)
        sys.stdout.flush()
        give_way()
        if not no_browser:
            show(server.address)
        try:
            with terminable():
                server.serve_forever()
        except KeyboardInterrupt:
            click.echo("no longer served", err=True)
