"""``--set PATH=VALUE``: any value of a suite by its path, before anything is checked."""

from __future__ import annotations

from nstbench.errors import SuiteError
from nstbench.suite.suggest import suggestion
from nstbench.suite.tree import Node, shorten
from nstbench.suite.yaml import MAX_DEPTH, parse

__all__ = ["override"]


def override(root: Node, assignment: str) -> Node:
    """Return the tree with one value replaced; errors about it name ``--set PATH`` as their place.

    The value follows the same YAML rules as the file. A label with dots in it is found because the longest existing
    key wins; mappings on the way that do not exist are made.
    """
    path, equals, text = assignment.partition("=")
    path = path.strip()
    if not equals or not all(path.split(".")):
        raise SuiteError(f"--set {_short(assignment)}: write PATH=VALUE, such as iterations=50 or optimizer.beta1=0.9")
    if path.count(".") >= MAX_DEPTH:
        raise SuiteError(f"--set {_short(path)}: the path has more than {MAX_DEPTH} parts")
    place = f"--set {_short(path)}"
    return _replaced(root, path, parse(text, lambda _: place))


def _short(text: str) -> str:
    return text if len(text) <= 80 and text.isprintable() else shorten(text)


def _replaced(node: Node, path: str, new: Node) -> Node:
    """Copy the nodes along the path only: an alias elsewhere keeps what it had."""
    if not path:
        return new
    if isinstance(node.value, list):
        return _replaced_item(node.value, node.place, path, new)
    if node.value is not None and not isinstance(node.value, dict):
        raise SuiteError(f"{new.place}: {shorten(path)} lies inside {shorten(node.value)}, which has no keys")
    children = node.value or {}
    key, rest = _first(path, children)
    child = _replaced(children.get(key, Node(None, new.place)), rest, new)
    return Node({**children, key: child}, node.place)


def _replaced_item(items: list[Node], place: str, path: str, new: Node) -> Node:
    index, _, rest = path.partition(".")
    known = [str(i) for i in range(len(items))]
    if index not in known:
        raise SuiteError(f"{new.place}: {shorten(index)} is not a position in this list{suggestion(index, known)}")
    copy = list(items)
    copy[int(index)] = _replaced(copy[int(index)], rest, new)
    return Node(copy, place)


def _first(path: str, children: dict[str, Node]) -> tuple[str, str]:
    """Split a path after its first key: the longest that exists, else up to the first dot."""
    existing = [key for key in children if path == key or path.startswith(f"{key}.")]
    key = max(existing, key=len) if existing else path.partition(".")[0]
    return key, path[len(key) + 1 :]
