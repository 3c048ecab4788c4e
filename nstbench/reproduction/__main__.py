"""``python -m nstbench.reproduction run|document``: make what is missing, and write the page."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from nstbench.cli.progress import watching
from nstbench.errors import NstbenchError
from nstbench.files import write_text

__all__ = ["main"]

_FOLDER = click.Path(path_type=Path)
_STORED = Path("reports/reproduction")
_WORK = Path("reports/reproduction-run")
_PAGE = Path("docs/reproduction.md")


@click.group()
def commands() -> None:
    """The report's Table 1 beside ours."""


@commands.command()
@click.option("--images-dir", type=_FOLDER, required=True, help="Where sea-link and starry-night are.")
@click.option("--weights-dir", type=_FOLDER, help="Where published weight files are.")
@click.option("--only", metavar="NAME", help="Only the parts whose name contains this.")
def run(images_dir: Path, weights_dir: Path | None, only: str | None) -> None:
    """Run every part that this machine can run and that is not done, then write the page."""
    from nstbench.reproduction.parts import parts_here, run_part, weights_missing

    for part in parts_here():
        if only and only not in part.name:
            continue
        if problem := weights_missing(part, images_dir, weights_dir):
            click.echo(f"{part.name}: not run, weights absent: {problem}", err=True)
            continue
        with watching(quiet=False) as watcher:
            run_part(part, _WORK, _STORED, images_dir, weights_dir, watcher)
        _write()


@commands.command()
def document() -> None:
    """Write the page from the stored records."""
    _write()


def _write() -> None:
    from nstbench.reproduction.document import render

    write_text(_PAGE, render(_STORED))
    click.echo(str(_PAGE))


def main() -> None:
    """Run from the command line: 0 done, 2 something is missing or wrong, 130 Ctrl-C."""
    try:
        commands.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except NstbenchError as error:
        sys.exit(_said(str(error)))
    except (KeyboardInterrupt, click.Abort):
        click.echo("Interrupted. Finished rows are kept: run it again to go on.", err=True)
        sys.exit(130)


def _said(text: str) -> int:
    click.echo(text, err=True)
    return 2


if __name__ == "__main__":
    main()
