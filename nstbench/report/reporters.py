"""What reporters make of a run: asked one by one, written whole and only where they may, nothing of one that fails."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path

from nstbench.errors import PluginError
from nstbench.files import replacing
from nstbench.measure.environment import what_is_lacking
from nstbench.plugin import Catalogue, Problem
from nstbench.plugin.descriptors import ReporterInfo
from nstbench.plugin.protocols import Content, Reporter
from nstbench.plugin.target import load_target
from nstbench.report.contents import Report
from nstbench.results.folder import FILE_NAME, RunFolder

__all__ = ["ask_reporters", "write_files"]


def ask_reporters(report: Report, catalogue: Catalogue) -> tuple[list[Path], list[Problem]]:
    """Have every reporter write its files; return where they are, and (listed, too) what became of those that failed.

    Of a reporter's folder only the folder is returned. Nothing that a reporter does ends the command, but Ctrl-C.
    """
    before, paths = len(catalogue.problems), []
    for name, info in catalogue.reporters.items():
        with catalogue.discovery.guarded(catalogue.owners["reporters", name], f"reporter {name}"):
            paths += write_files(info, report)
    return paths, catalogue.problems[before:]


def write_files(info: ReporterInfo, report: Report) -> list[Path]:
    """Ask one reporter, write what it returns, and remove of its files whatever it did not return, all if it failed.

    Raises ``PluginError`` for what is no table of files or is not its own, ``RunError`` where the folder cannot be
    written, and whatever the reporter raises.
    """
    folder, written = report.folder, frozenset[str]()
    try:
        contents = _contents(info, report)
        for name, content in contents.items():
            _write(folder, name, content)
        written = frozenset(contents)
    finally:
        _remove_others(folder, info, written)
    return [folder.path / own for own in info.files if any(name.partition("/")[0] == own for name in written)]


def _contents(info: ReporterInfo, report: Report) -> dict[str, Content]:
    if lacking := what_is_lacking("it", info.requires):
        raise PluginError(lacking)
    reporter: Reporter = load_target(info.target)
    found = reporter(report.copy())  # its tables, to do with as it likes
    if not isinstance(found, Mapping):
        raise PluginError(f"it returned {type(found).__name__}. Return {{file name: contents}}.")
    for name, content in found.items():
        _check(info, name, content)
    return dict(found)


def _check(info: ReporterInfo, name: object, content: object) -> None:
    parts = name.split("/") if isinstance(name, str) else [""]
    if not all(FILE_NAME.fullmatch(part) for part in parts):
        raise PluginError(
            f"it returned a file {name!r:.80}. Parts of a name, between '/', are of letters, digits, '.', '_' and '-', "
            "the first no '.' and no '-'."
        )
    if parts[0] not in info.files:
        raise PluginError(
            f"it returned a file {name!r:.80}, which is not among its own, {', '.join(info.files)}. Name it, or the "
            "folder it is in, in `files` of its ReporterInfo."
        )
    if not isinstance(content, str | bytes) and not callable(content):
        kind = type(content).__name__
        raise PluginError(f"its {name} is {kind}. Return text, bytes, or a function that writes the path it is given.")


def _write(folder: RunFolder, name: str, content: Content) -> None:
    path = folder.path / name
    if path.parent.resolve() != (folder.path.resolve() / name).parent:
        raise PluginError(f"{path.parent} is, or lies in, a link to another place. Remove the link.")
    with replacing(path) as temporary:
        if isinstance(content, str | bytes):
            temporary.write_bytes(content if isinstance(content, bytes) else content.encode())
            return
        try:
            content(temporary)
        except OSError as error:  # it is no failure of ours to write: it may lack a file that it reads
            raise PluginError(f"writing {name}: {type(error).__name__}: {error}") from error


def _remove_others(folder: RunFolder, info: ReporterInfo, keep: Collection[str]) -> None:
    """Remove everything at the reporter's places that is not among ``keep``, and the folders that become empty."""
    for own in info.files:
        top = folder.path / own
        if top.is_symlink() or not top.is_dir():
            paths = [top]
        else:
            walk = os.walk(top, topdown=False)  # never through links
            paths = [Path(where) / name for where, folders, files in walk for name in (*files, *folders)] + [top]
        for path in paths:
            if path.relative_to(folder.path).as_posix() not in keep:
                _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        if not any(path.iterdir()):
            path.rmdir()
    else:
        path.unlink(missing_ok=True)
