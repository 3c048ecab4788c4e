"""How the command line prints."""

from __future__ import annotations

from rich.console import Console

__all__ = ["make_console"]

_PIPE_WIDTH = 240
"""Tables on a plain pipe are for ``grep`` and files: their rows must not be folded."""


def make_console(*, stderr: bool = False, quiet: bool = False) -> Console:
    """Return a console for the terminal, or for a pipe."""
    console = Console(stderr=stderr, quiet=quiet, soft_wrap=True, highlight=False)
    if not console.is_terminal:
        console.width = _PIPE_WIDTH
    return console
