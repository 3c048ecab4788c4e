"""``nstbench run``: run a suite."""

from __future__ import annotations

import click

from nstbench.cli.options import suite_options
from nstbench.cli.plan import print_plan
from nstbench.execute.options import Options
from nstbench.suite import Suite

__all__ = ["run_command"]


@click.command("run")
@suite_options
@click.option("--fail-fast", is_flag=True, help="Stop at the first cell that fails.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors and where the report is.")
@click.option("--dry-run", is_flag=True, help="Only show what would run (the same as plan).")
@click.pass_context
def run_command(context: click.Context, suite: Suite, options: Options, quiet: bool, dry_run: bool) -> None:
    """Run SUITE, a YAML file or the name of a suite that comes with nstbench; go on where an earlier run stopped."""
    if dry_run:
        context.exit(print_plan(suite, options))
    from nstbench.cli.progress import watching
    from nstbench.execute.runner import run_suite

    with watching(quiet=quiet) as watcher:
        result = run_suite(suite, options, watcher)
        watcher.summary(result)
    for path in result.reports:
        click.echo(str(path))
    context.exit(result.exit_code)
