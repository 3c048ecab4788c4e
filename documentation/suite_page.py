"""docs/reference/suite.md: every key of a suite, from the schema that suites are checked with."""

from __future__ import annotations

import inspect
import json
import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
from msgspec import NODEFAULT, UNSET, Meta, UnsetType

from nstbench.suite import SuiteSpec
from nstbench.suite.terms import allowed, members
from tables import table

__all__ = ["render"]

HEAD = """# Suites

Written by `python documentation/generate.py` from the schema that suites are checked with; nothing here was entered by
hand. `nstbench schema` writes the same as a JSON Schema, for editors.

A suite is one YAML 1.2 file. Where a list is allowed and not said otherwise, each of its items is one more point on an
axis of the grid. A key that is not listed is refused, with the nearest that is. `<label>` and `<name>` are your own
words; names of losses are in [Losses and metrics](formulas.md), those of backbones, layers and weights are printed by
`nstbench backbones` and `nstbench backbones NETWORK`.
"""
NAMES = {str: "text", int: "whole number", float: "number", bool: "true or false", Literal: "word", tuple: "list"}
KEYS = {"images": "<name>", "backbones": "<label>", "referee": "<label>"}


def render() -> str:
    """Return the page: a section for each mapping of a suite, in the order in which they occur."""
    places: dict[type[msgspec.Struct], list[str]] = {}
    _collect(SuiteSpec, "", places)
    return "\n".join([HEAD, *(_section(kind, paths) for kind, paths in places.items())])


def _collect(kind: type[msgspec.Struct], path: str, places: dict[type[msgspec.Struct], list[str]]) -> None:
    places.setdefault(kind, []).append(path)
    for field in msgspec.structs.fields(kind):
        for member in _members(field.type):
            inner, step = member, f"{path}.{field.name}".lstrip(".")
            if get_origin(member) is dict:
                inner, step = get_args(member)[1], f"{step}.{KEYS[step.partition('.')[0]]}"
            for one in _members(inner):
                if isinstance(one, type) and issubclass(one, msgspec.Struct):
                    _collect(one, step, places)


def _section(kind: type[msgspec.Struct], paths: list[str]) -> str:
    heading = ", ".join(f"`{path}`" for path in paths if path) or "A suite"
    rows = [
        [f"`{field.name}`", _meaning(field.type), _words(field.type), allowed(field.type), _default(field)]
        for field in msgspec.structs.fields(kind)
    ]
    text = inspect.cleandoc(kind.__doc__ or "")
    return f"## {heading}\n\n{text}\n\n{table(['key', 'what', 'type', 'allowed', 'default'], rows)}\n"


def _members(kind: Any) -> Iterator[Any]:
    """Yield the types that a type is made of, without what stands for a key left out."""
    return (member for member in members(kind) if member not in (UnsetType, type(None)))


def _words(kind: Any, plural: str = "") -> str:
    """Return what a value is, in words."""
    return " or ".join(dict.fromkeys(_word(member, plural) for member in _members(kind)))


def _word(member: Any, plural: str) -> str:
    word = NAMES.get(get_origin(member) or member, "mapping") + plural
    return f"{word} of {_words(get_args(member)[0], plural='s')}" if get_origin(member) is tuple else word


def _meaning(kind: Any) -> str:
    """Return the outermost description that is not the words of what is allowed."""
    if get_origin(kind) is Annotated:
        for note in reversed(get_args(kind)[1:]):
            words = (note.extra or {}).get("allowed", "") if isinstance(note, Meta) else ""
            if isinstance(note, Meta) and note.description and note.description.casefold() != f"{words}.".casefold():
                return note.description
    if get_origin(kind) in (Annotated, Union, types.UnionType):
        return next((text for member in get_args(kind) if (text := _meaning(member))), "")
    return ""


def _default(field: Any) -> str:
    if field.default is NODEFAULT:
        return "**required**"
    if field.default is UNSET or field.default is None:
        return "–"
    if isinstance(field.default, msgspec.Struct):
        return "those of its keys"
    return f"`{json.dumps(msgspec.to_builtins(field.default))}`"
