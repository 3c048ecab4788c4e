"""What one announced thing must be to be taken: of its kind, of this API, plain data, and consistent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import msgspec

from nstbench.plugin.descriptors import API, BackboneInfo, MetricInfo, Provided, ReporterInfo

__all__ = ["check_apart", "checked_item"]

P = TypeVar("P", bound=Provided)
_NAME = re.compile(r"[a-z0-9][a-z0-9._:-]*")


def checked_item(expected: type[P], item: object, *, plain: bool = False) -> P:
    """Return what a plugin announced as plain data, which it is known to be if it is ``plain``.

    Raises ``TypeError`` or ``ValueError`` with what is wrong.
    """
    if not isinstance(item, expected):
        raise TypeError(f"expected {expected.__name__}, got {type(item).__name__}")
    if item.api[0] != API[0] or item.api[1] > API[1]:
        raise ValueError(f"{item.name!r} is written for plugin API {item.api}, this is {API}")
    if not _NAME.fullmatch(item.name) or not re.fullmatch(r"[\w.]+:\w+", item.target):
        raise ValueError(f"bad name or target: {item.name!r} -> {item.target!r}")
    checked = item if plain else _plain(item, expected)
    if isinstance(checked, BackboneInfo):
        _check_layers(checked)
    if isinstance(checked, MetricInfo):
        _check_column(checked.name)
    if isinstance(checked, ReporterInfo):
        _check_files(checked)
    return checked


def check_apart(reporter: ReporterInfo, others: Iterable[ReporterInfo]) -> None:
    """Raise ``ValueError`` if another reporter has one of these files; capitals apart, which some disks mix up."""
    taken = {name.casefold(): other.name for other in others for name in other.files}
    for name in reporter.files:
        if name.casefold() in taken:
            raise ValueError(f"{name!r} in a run folder belongs to reporter {taken[name.casefold()]!r}")


def _check_column(metric: str) -> None:
    """Refuse a name that cannot be a column of results.csv: there it is ``<judge>:<metric>`` from a referee."""
    from nstbench.results.record import result_columns  # here: whoever imports a marker needs no results

    if ":" in metric or metric in result_columns():
        raise ValueError(f"a metric cannot be called {metric!r}: ':' is not allowed, nor a column of results.csv")


def _check_files(reporter: ReporterInfo) -> None:
    """Refuse what is no name at the top of a run folder, and nstbench's own names there."""
    from nstbench.results.folder import FILE_NAME, own_names  # here: as above

    if not reporter.files:
        raise ValueError(f"reporter {reporter.name!r} names no files")
    for name in reporter.files:
        if not FILE_NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name for a file: letters, digits, '.', '_' and '-', no folders before it")
        if name.casefold() in map(str.casefold, own_names()):
            raise ValueError(f"{name!r} in a run folder belongs to nstbench")


def _plain(item: P, expected: type[P]) -> P:
    """Return the same as plain data of the declared types: it goes to the workers as a file."""
    try:
        return msgspec.convert(msgspec.to_builtins(item, enc_hook=_as_dict), expected)
    except msgspec.ValidationError as error:
        raise TypeError(f"{item.name!r}: {error}") from error


def _as_dict(value: object) -> dict[Any, Any]:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a descriptor holds plain data only, not {type(value).__name__}")


def _check_layers(backbone: BackboneInfo) -> None:
    named = (*backbone.content_layers, *backbone.style_layers)
    if not backbone.layers or not backbone.content_layers or not backbone.style_layers:
        raise ValueError(f"{backbone.name!r} needs a layer table and default content and style layers")
    for layer in named:
        if layer not in backbone.layers:
            raise ValueError(f"default layer {layer!r} of {backbone.name!r} is not in its layer table")
