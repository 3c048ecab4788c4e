"""The ``nstbench`` command: its subcommands, and how every one of them ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

import nstbench
from nstbench.cli.backbones import backbones_command
from nstbench.cli.check import check_plugin_command
from nstbench.cli.compare import compare_command
from nstbench.cli.export import export_command
from nstbench.cli.new_plugin import new_plugin_command
from nstbench.cli.plan import plan_command
from nstbench.cli.plugins import plugins_command
from nstbench.cli.report import report_command
from nstbench.cli.run import run_command
from nstbench.cli.verify import verify_command
from nstbench.cli.watch import watch_command
from nstbench.cli.write import init_command, schema_command
from nstbench.errors import NstbenchError

__all__ = ["cli", "main"]

WRONG = 2
INTERRUPTED = 130
READER_GONE = 141
"""As a shell shows a program that a closed pipe ended."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(nstbench.__version__, prog_name="nstbench")
def cli() -> None:
    """Compare neural style transfer across backbones, frameworks, layers and losses."""


for command in (
    run_command,
    plan_command,
    report_command,
    watch_command,
    compare_command,
    export_command,
    plugins_command,
    backbones_command,
    verify_command,
    check_plugin_command,
    new_plugin_command,
    init_command,
    schema_command,
):
    cli.add_command(command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 all cells ok, 1 some are not, 2 something is wrong or missing, 130 Ctrl-C."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    sys.exit(_ended(arguments))


def _ended(arguments: Sequence[str]) -> int:
    debug = "--debug" in arguments
    try:
        return int(cli.main(list(arguments), standalone_mode=False) or 0)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show()
        return WRONG
    except NstbenchError as error:
        if debug:
            raise
        click.echo(str(error), err=True)
        return WRONG
    except (KeyboardInterrupt, click.Abort):
        click.echo(
            "Interrupted. Finished cells are kept: run again to go on, or `nstbench report` the run folder.",
            err=True,
        )
        return INTERRUPTED
    except (BrokenPipeError, SystemExit):
        # The reader of our output has gone (``| head``): nothing more to say, and nothing to say it to. Click and rich
        # make ``sys.exit(1)`` of it, which would mean here that some cells failed.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return READER_GONE
    except OSError as error:
        if debug:
            raise
        where = f"{error.filename}: " if error.filename else ""
        click.echo(f"{where}{error.strerror or error}. See --debug for where it happened.", err=True)
        return WRONG
    except Exception as error:
        if debug:
            raise
        click.echo(f"internal error: {type(error).__name__}: {error}. Run again with --debug and report it.", err=True)
        return WRONG
