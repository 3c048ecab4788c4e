"""A suite, read and checked as far as that is possible without knowing the plugins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

import msgspec

from nstbench.errors import SuiteError
from nstbench.suite import tree
from nstbench.suite.overrides import override
from nstbench.suite.packaged import packaged_suites
from nstbench.suite.schema import SuiteSpec
from nstbench.suite.suggest import suggestion
from nstbench.suite.validate import validate
from nstbench.suite.yaml import MAX_BYTES, parse

__all__ = ["Suite", "load_suite", "parse_suite", "resolved"]


@dataclass(frozen=True, slots=True)
class Suite:
    """A checked suite: ``spec`` is what it says, ``text`` the file as it is, ``overrides`` what ``--set`` changed.

    ``path`` is the file; paths of images in the suite are relative to its folder.
    """

    spec: SuiteSpec
    path: Path
    text: str
    overrides: tuple[str, ...]
    root: tree.Node

    @property
    def name(self) -> str:
        """The suite's name, a slug."""
        return self.spec.name

    @property
    def folder(self) -> Path:
        """The folder that paths in the suite are relative to."""
        return self.path.parent

    def place(self, *path: str | int) -> str:
        """Return ``file:line`` (or ``--set PATH``) of the deepest part of ``path`` that is written down."""
        return tree.find(self.root, path).place


def load_suite(source: str | Path, overrides: Sequence[str] = ()) -> Suite:
    """Read a suite file, or a packaged suite by its name, and apply ``PATH=VALUE`` overrides.

    Raises ``SuiteError`` naming file, line, key, what is allowed and the nearest match. Names of backends, backbones,
    weights, layers and losses are left to ``check_names``.
    """
    path = _locate(source)
    return parse_suite(_read(path), path, overrides)


def parse_suite(text: str, path: Path, overrides: Sequence[str] = ()) -> Suite:
    """Check the text of a suite as if it were the file ``path``."""
    root = reduce(override, overrides, parse(text, lambda line: f"{path}:{line}"))
    return Suite(spec=validate(root), path=path, text=text, overrides=tuple(overrides), root=root)


def resolved(suite: Suite) -> dict[str, Any]:
    """Return the suite as plain data with overrides and defaults filled in; it loads as the same suite."""
    data: dict[str, Any] = msgspec.to_builtins(suite.spec)
    return data


def _locate(source: str | Path) -> Path:
    path = Path(source)
    try:
        is_file, exists = path.is_file(), path.exists()
    except (OSError, ValueError) as error:  # a name that is too long, or holds a null byte
        raise SuiteError(f"{tree.shorten(source)} is not a suite: the name cannot be a file") from error
    if is_file:
        return path
    suites = packaged_suites()
    if str(source) in suites:
        return _from_here(suites[str(source)])
    if exists:
        what = "is a folder" if path.is_dir() else "is not a regular file"
        raise SuiteError(f"{path} {what}; a suite is a YAML file")
    hint = suggestion(path.stem, suites) if suites else ""
    raise SuiteError(f"there is no suite file {tree.shorten(source)}{hint or ' and no packaged suite of that name'}")


def _from_here(path: Path) -> Path:
    """Return a path relative to the working directory if it is below it: shorter in messages."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise SuiteError(f"{path}: the suite cannot be read ({error.strerror})") from error
    if len(data) > MAX_BYTES:
        raise SuiteError(f"{path}: the suite is larger than {MAX_BYTES // 1_000_000} MB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SuiteError(f"{path}:{line}: the suite is not UTF-8 text") from error
