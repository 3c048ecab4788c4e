"""A YAML document as values that know where they were written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Node", "Path", "Scalar", "Value", "describe", "dotted", "find", "located", "plain", "shorten"]

Scalar = str | int | float | bool | None
Path = Sequence[str | int]
"""Keys and list positions from the top of the suite."""


@dataclass(frozen=True, slots=True)
class Node:
    """A scalar, list or mapping.

    ``place`` is ``file:line`` (of the key, for a value in a mapping) or ``--set PATH``.
    """

    value: Value
    place: str


Value = Scalar | list[Node] | dict[str, Node]


def find(node: Node, path: Path) -> Node:
    """Return the node at a path, or the deepest one on the way to it that exists."""
    for step in path:
        if isinstance(node.value, dict) and step in node.value:
            node = node.value[str(step)]
        elif isinstance(node.value, list) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
        else:
            break
    return node


def plain(node: Node) -> Any:
    """Return the same data as dicts, lists and scalars."""
    if isinstance(node.value, dict):
        return {key: plain(child) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [plain(child) for child in node.value]
    return node.value


def dotted(path: Path) -> str:
    """Return a path as a user writes it after ``--set``."""
    return ".".join(map(str, path))


def located(node: Node, path: Path) -> str:
    """Return where and what for the start of a message: ``file:line: key``."""
    key = dotted(path)
    return node.place if node.place == f"--set {key}" else f"{node.place}: {key}"


def shorten(text: object) -> str:
    """Return a value in quotes for a message, cut to 40 characters."""
    shown = str(text)
    return repr(shown if len(shown) <= 40 else f"{shown[:37]}...")


def describe(node: Node) -> str:
    """Say what kind of value a node is, for ``must be ..., not <this>``."""
    value = node.value
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true (a boolean)" if value else "false (a boolean)"
    return f"{shorten(value)} (text)" if isinstance(value, str) else shorten(value).strip("'")
