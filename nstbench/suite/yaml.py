"""From the text of a suite to located values: YAML 1.2 without tags, within limits, never recursing.

ruamel.yaml's pure scanner and parser deliver events one by one; nodes are made here, so that limits are kept while
reading: a document that is too large or too deep stops at the first event that is too much.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from nstbench.errors import SuiteError
from nstbench.suite.scalars import refused_tag, resolve
from nstbench.suite.tree import Node, Value, shorten

__all__ = ["MAX_BYTES", "MAX_DEPTH", "MAX_NODES", "parse"]

MAX_BYTES = 1_000_000
MAX_NODES = 10_000
MAX_DEPTH = 50
MAX_LINE = 50_000

_Items = dict[str, Node] | list[Node]
_CONTAINERS = {MappingStartEvent: "tag:yaml.org,2002:map", SequenceStartEvent: "tag:yaml.org,2002:seq"}

_HINT = "; check quotes, brackets, and the indentation of this line and the one above"


def parse(text: str, place: Callable[[int], str]) -> Node:
    """Return the document in ``text``; ``place`` names a line (counted from 1) in messages.

    Raises ``SuiteError`` for anything that is not one YAML document of at most ``MAX_NODES`` nodes with every alias
    written out, or that has duplicate keys, tags or merge keys.
    """
    _check_lines(text, place)
    builder = _Builder(place)
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            builder.take(event)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else builder.line
        what = str(error.problem or error.context)[:100]
        raise SuiteError(f"{place(line)}: this is not YAML: {what}{_HINT}") from error
    except (YAMLError, ValueError, OverflowError) as error:
        # ReaderError for control characters; the others for chr() of an escape beyond Unicode.
        line = text.count("\n", 0, error.position) + 1 if isinstance(error, ReaderError) else builder.line
        raise SuiteError(f"{place(line)}: the text contains characters that YAML does not allow") from error
    return builder.root or Node(None, place(1))


def _check_lines(text: str, place: Callable[[int], str]) -> None:
    # The scanner's time grows with the square of the length of a tag: 12 s for one of a megabyte.
    for number, line in enumerate(text.split("\n"), start=1):
        if len(line) > MAX_LINE:
            raise SuiteError(f"{place(number)}: the line is longer than {MAX_LINE} characters")


@dataclass(slots=True)
class _Frame:
    """A mapping or list being read: ``before`` nodes came before it, ``depth`` is its height so far."""

    items: _Items
    line: int
    anchor: str | None
    before: int
    depth: int = 1
    key: str | None = None
    key_line: int = 0


class _Builder:
    """Makes nodes of events; ``count`` is the number of nodes so far, aliases written out."""

    def __init__(self, place: Callable[[int], str]) -> None:
        self.root: Node | None = None
        self.line = 1
        self._place = place
        self._frames: list[_Frame] = []
        self._anchors: dict[str, tuple[Node, int, int]] = {}
        self._count = 0
        self._documents = 0

    def take(self, event: object) -> None:
        """Use the next event of the parser."""
        mark = getattr(event, "start_mark", None)
        self.line = mark.line + 1 if mark else self.line
        if isinstance(event, DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise self._error("a suite is one YAML document, but a second one starts here")
        elif isinstance(event, MappingStartEvent | SequenceStartEvent):
            self._open(event)
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            self._close()
        elif isinstance(event, ScalarEvent):
            self._scalar(event)
        elif isinstance(event, AliasEvent):
            self._alias(event)

    def _error(self, text: str) -> SuiteError:
        return SuiteError(f"{self._place(self.line)}: {text}")

    def _spend(self, nodes: int) -> None:
        self._count += nodes
        if self._count > MAX_NODES:
            raise self._error(f"the suite has more than {MAX_NODES} values (every alias written out)")

    def _descend(self, levels: int) -> None:
        if len(self._frames) + levels > MAX_DEPTH:
            raise self._error(f"the suite is nested more than {MAX_DEPTH} levels deep")

    def _open(self, event: MappingStartEvent | SequenceStartEvent) -> None:
        if self._wants_key():
            raise self._error("a key must be text, not a list or mapping")
        self._descend(1)
        if event.tag not in (None, "!", _CONTAINERS[type(event)]):
            raise self._error(refused_tag(event.tag))
        items: _Items = {} if isinstance(event, MappingStartEvent) else []
        self._frames.append(_Frame(items, self.line, event.anchor, self._count))
        self._spend(1)

    def _close(self) -> None:
        frame = self._frames.pop()
        self._add(frame.items, frame.line, frame.anchor, self._count - frame.before, frame.depth)

    def _scalar(self, event: ScalarEvent) -> None:
        self._spend(1)
        if self._wants_key():
            self._key(event)
            return
        try:
            value = resolve(event.value, quoted=event.style is not None, tag=event.tag)
        except ValueError as error:
            raise self._error(str(error)) from error
        self._add(value, self.line, event.anchor, 1, 0)

    def _alias(self, event: AliasEvent) -> None:
        if self._wants_key():
            raise self._error("a key must be text, not an alias")
        if event.anchor not in self._anchors:
            raise self._error(f"the alias {shorten('*' + event.anchor)} has no finished anchor before it")
        node, size, depth = self._anchors[event.anchor]
        self._spend(size)
        self._descend(depth)
        self._add(node.value, self.line, None, size, depth)

    def _wants_key(self) -> bool:
        return bool(self._frames) and isinstance(self._frames[-1].items, dict) and self._frames[-1].key is None

    def _key(self, event: ScalarEvent) -> None:
        """Remember a key; it is text exactly as written (``2001:`` is ``"2001"``)."""
        frame = self._frames[-1]
        if event.tag not in (None, "!", "tag:yaml.org,2002:str"):
            raise self._error(refused_tag(event.tag))
        if event.value == "<<" and event.style is None:
            raise self._error("merge keys ('<<') are not allowed; write the settings out")
        if event.value in frame.items:
            raise self._error(f"the key {shorten(event.value)} is given twice")
        frame.key, frame.key_line = event.value, self.line

    def _add(self, value: Value, line: int, anchor: str | None, size: int, depth: int) -> None:
        frame = self._frames[-1] if self._frames else None
        node = Node(value, self._place(frame.key_line if frame and frame.key is not None else line))
        if anchor is not None:
            self._anchors[anchor] = (node, size, depth)
        if frame is None:
            self.root = node
            return
        frame.depth = max(frame.depth, depth + 1)
        if isinstance(frame.items, list):
            frame.items.append(node)
        else:
            frame.items[str(frame.key)] = node
            frame.key = None
