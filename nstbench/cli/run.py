"""``nstbench run``: run a suite."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

import click

from nstbench.cli.options import suite_options
from nstbench.cli.plan import print_plan
from nstbench.execute.options import Options
from nstbench.suite import Suite

if TYPE_CHECKING:
    from nstbench.cli.progress import Printer
    from nstbench.execute.watcher import Watcher

__all__ = ["run_command"]


@click.command("run")
@suite_options
@click.option("--fail-fast", is_flag=True, help="Stop at the first cell that fails.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors and where the report is.")
@click.option("--watch", is_flag=True, help="Serve a page that shows the run while it goes on.")
@click.option("--dry-run", is_flag=True, help="Only show what would run (the same as plan).")
@click.pass_context
def run_command(
    context: click.Context, suite: Suite, options: Options, quiet: bool, watch: bool, dry_run: bool
) -> None:
    """Run SUITE, a YAML file or the name of a suite that comes with nstbench; go on where an earlier run stopped."""
    if dry_run:
        context.exit(print_plan(suite, options))
    from nstbench.cli.progress import watching
    from nstbench.execute.runner import run_suite
    from nstbench.execute.watcher import Watchers

    with watching(quiet=quiet) as watcher, _page(watcher, asked=watch, quiet=quiet) as pages:
        result = run_suite(suite, options, Watchers((watcher, *pages)))
        watcher.summary(result)
    for path in result.reports:
        click.echo(str(path))
    context.exit(result.exit_code)


@contextlib.contextmanager
def _page(printer: Printer, *, asked: bool, quiet: bool) -> Iterator[tuple[Watcher, ...]]:
    """Yield what serves the run's page, if it was asked for."""
    if not asked:
        yield ()
        return
    from nstbench.watch.beside import Served

    # Who asks for a page with --quiet wants its address, and no browser.
    tell = partial(click.echo, err=True) if quiet else printer.say
    with Served(tell, open_browser=not quiet) as served:
        yield (served,)
