"""Command-line options that ``run`` and ``plan`` share."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from nstbench.execute.options import Options
from nstbench.suite import Suite, load_suite

__all__ = ["suite_options"]

_FOLDER = click.Path(path_type=Path)


def suite_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the suite argument and the options about it; the command gets ``suite`` and ``options``."""

    @wraps(command)
    def wrapper(source: str, overrides: tuple[str, ...], **given: Any) -> Any:
        chosen = {name: given.pop(name) for name in list(given) if name in Options.__slots__}
        suite: Suite = load_suite(source, overrides)
        del given["debug"]  # seen by ``nstbench.cli.app``, which shows errors
        line = "nstbench " + shlex.join(_without_folders(word) for word in sys.argv[1:])
        return command(suite=suite, options=Options(command=line, **chosen), **given)

    for decorate in reversed(_OPTIONS):
        wrapper = decorate(wrapper)
    return wrapper


def _without_folders(word: str) -> str:
    """Shorten an absolute path to its last part: reports are published, and where things lie here is private."""
    option, equals, value = word.rpartition("=") if word.startswith("--") else ("", "", word)
    return option + equals + (Path(value).name if Path(value).is_absolute() else value)


_OPTIONS = (
    click.argument("source", metavar="SUITE"),
    click.option("--out", type=_FOLDER, help="The run folder itself (default: reports/<suite name>)."),
    click.option(
        "--device", default="auto", show_default=True, metavar="auto|cpu|cuda|cuda:N", help="Where to compute."
    ),
    click.option(
        "--only", metavar="PATTERN", help="Only cells whose content/style/backbone/backend/weights/layer-set match."
    ),
    click.option("--set", "overrides", multiple=True, metavar="PATH=VALUE", help="Change a value of the suite."),
    click.option("--weights-dir", type=_FOLDER, help="Where to look for weight files first."),
    click.option("--images-dir", type=_FOLDER, help="Where to look for images by their name in the suite first."),
    click.option("--retry", type=click.Choice(["failed", "all"]), help="Attempt failed, or all, cells again."),
    click.option("--fresh", is_flag=True, help="Forget what the run folder holds."),
    click.option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="Workers at a time."),
    click.option("--debug", is_flag=True, help="Show tracebacks."),
)
