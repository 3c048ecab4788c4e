"""From located values to the structs of the schema, with errors in plain words at the right line.

msgspec decides what fits; its own messages know neither lines nor the keys of a mapping, so this walks the schema and
asks msgspec about one value at a time.
"""

from __future__ import annotations

import types
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import msgspec

from nstbench.errors import SuiteError
from nstbench.suite.rules import check_rules
from nstbench.suite.schema import SuiteSpec
from nstbench.suite.suggest import nearest, suggestion
from nstbench.suite.terms import allowed, members
from nstbench.suite.tree import Node, Path, describe, dotted, located, plain, shorten

__all__ = ["validate"]

S = TypeVar("S", bound=msgspec.Struct)


def validate(root: Node) -> SuiteSpec:
    """Return the suite; raises ``SuiteError`` with the place, the key and what is allowed."""
    if root.value is None:
        raise SuiteError(f"{root.place}: the suite is empty; `nstbench init` writes one to start from")
    if not isinstance(root.value, dict):
        raise SuiteError(f"{root.place}: a suite is a mapping (name: ..., images: ...), not {describe(root)}")
    spec = _struct(root, root.value, SuiteSpec, ())
    check_rules(spec, root)
    return spec


def _build(node: Node, kind: Any, path: Path) -> Any:
    if isinstance(node.value, dict):
        for member in members(kind):
            if isinstance(member, type) and issubclass(member, msgspec.Struct):
                return _struct(node, node.value, member, path)
            if get_origin(member) is dict and node.value:
                return _entries(node.value, member, path)
    return _leaf(node, kind, path)


def _struct(node: Node, values: dict[str, Node], kind: type[S], path: Path) -> S:
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    for key, child in values.items():
        if key not in fields:
            owner = dotted(path) or "a suite"
            raise SuiteError(f"{child.place}: {shorten(key)} is not a key of {owner}{suggestion(key, fields, most=20)}")
    for name, field in fields.items():
        if field.required and name not in values:
            raise SuiteError(f"{located(node, (*path, name))}: is missing; it must be {allowed(field.type)}")
    return kind(**{key: _build(child, fields[key].type, (*path, key)) for key, child in values.items()})


def _entries(values: dict[str, Node], kind: Any, path: Path) -> dict[str, Any]:
    name, entry = get_args(kind)
    for key, child in values.items():
        if not _fits(key, name):
            raise SuiteError(f"{located(child, path)}: {shorten(key)} must be {allowed(name)}")
    return {key: _build(child, entry, (*path, key)) for key, child in values.items()}


def _leaf(node: Node, kind: Any, path: Path) -> Any:
    try:
        return msgspec.convert(plain(node), kind)
    except msgspec.ValidationError as error:
        culprit = _culprit(node, kind)
        match = nearest(culprit.value, _choices(kind)) if isinstance(culprit.value, str) else None
        hint = f"; did you mean {match!r}?" if match else ""
        text = f"must be {allowed(kind)}, not {describe(culprit)}{hint}"
        raise SuiteError(f"{located(culprit, path)}: {text}") from error


def _culprit(node: Node, kind: Any) -> Node:
    """Return the item of a list that does not fit on its own, else the node itself."""
    for item in node.value if isinstance(node.value, list) else ():
        if not _fits([plain(item)], kind):
            return item
    return node


def _fits(value: object, kind: Any) -> bool:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return False
    return True


def _choices(kind: Any) -> tuple[str, ...]:
    """Return the words that a type spells out."""
    if get_origin(kind) is Literal:
        return get_args(kind)
    if get_origin(kind) in (Annotated, Union, types.UnionType, tuple):
        return tuple(word for member in get_args(kind) for word in _choices(member))
    return ()
