"""The command within this process: what a run does is the same, without a second for an interpreter and its imports."""

from __future__ import annotations

import importlib
import io
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from nstbench.cli import app
from nstbench.report import build

__all__ = ["command_within"]


def command_within(arguments: Sequence[str], environment: Mapping[str, str]) -> tuple[int, str, str]:
    """Run ``nstbench`` without figures; return the exit code, and what was printed on standard output and error."""
    out, errors = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, _plugins_of(environment.get("PYTHONPATH", "")):
        patch.setattr(build, "sheets", lambda *_: [])
        _forget_what_was_read()
        for name, value in environment.items():
            patch.setenv(name, value)
        with redirect_stdout(out), redirect_stderr(errors), pytest.raises(SystemExit) as ended:
            app.main(arguments)
    return int(ended.value.code or 0), out.getvalue(), errors.getvalue()


@contextmanager
def _plugins_of(python_path: str) -> Iterator[None]:
    """Find the plugins of some folders, and forget them afterwards: another laboratory has its own by those names."""
    folders = [folder for folder in python_path.split(os.pathsep) if folder]
    before = sys.path[:]
    _forget(folders)
    sys.path[:0] = folders
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path[:] = before
        _forget(folders)


def _forget_what_was_read() -> None:
    """Clear what nstbench remembers within a process, such as the hash of a plugin's code."""
    for name, module in list(sys.modules.items()):
        for value in vars(module).values() if name.partition(".")[0] == "nstbench" else ():
            if hasattr(value, "cache_clear"):
                value.cache_clear()


def _forget(folders: Sequence[str]) -> None:
    places = tuple(Path(folder).resolve() for folder in folders)
    names = {path.stem for place in places for path in place.iterdir() if path.suffix in ("", ".py")}
    for name in [name for name in sys.modules if name.partition(".")[0] in names]:
        del sys.modules[name]
