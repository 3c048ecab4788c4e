"""What a plain word of YAML means, by the core schema of YAML 1.2.2 (section 10.3.2)."""

from __future__ import annotations

import math
import re

from nstbench.suite.tree import Scalar, shorten

__all__ = ["refused_tag", "resolve"]

_CORE = "tag:yaml.org,2002:"
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
}
_KINDS: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "null": (type(None),),
}
_LARGEST = 2**63


def resolve(text: str, *, quoted: bool, tag: str | None) -> Scalar:
    """Return the value of a scalar; ``tag`` is its full explicit tag, None if it has none.

    Raises ``ValueError``, with a message for the user, for unknown tags, numbers that are not finite or too large,
    and text that cannot be stored.
    """
    if tag in ("!", f"{_CORE}str"):
        return _text(text)
    if tag is None:
        return _text(text) if quoted else _plain(text)
    kind = tag.removeprefix(_CORE)
    value = _plain(text) if kind in _KINDS else None
    # A bool is an int for isinstance, and `!!int true` is still not a number.
    if kind not in _KINDS or not isinstance(value, _KINDS[kind]) or isinstance(value, bool) != (kind == "bool"):
        raise ValueError(refused_tag(tag))
    return value


def refused_tag(tag: str) -> str:
    """Return the message about a tag that a suite must not use."""
    return f"the tag {shorten(tag.replace(_CORE, '!!', 1))} is not allowed here; leave it out"


def _plain(text: str) -> Scalar:
    if text in _WORDS:
        return _WORDS[text]
    if _NOT_FINITE.fullmatch(text):
        raise ValueError("a number must be finite, not NaN or infinity")
    if _INT.fullmatch(text):
        return _whole(text)
    if _FLOAT.fullmatch(text):
        return _real(text)
    return _text(text)


def _whole(text: str) -> int:
    base = {"0o": 8, "0x": 16}.get(text[:2], 10)
    # The length is looked at first: converting a megabyte of digits would take minutes.
    if len(text) > 64 or abs(value := int(text.removeprefix("0o"), base)) >= _LARGEST:
        raise ValueError(f"the number {shorten(text)} is too large")
    return value


def _real(text: str) -> float:
    if len(text) > 400 or not math.isfinite(value := float(text)):
        raise ValueError(f"the number {shorten(text)} is too large; a number must be finite")
    return value


def _text(text: str) -> str:
    # Neither file names nor UTF-8 records can hold these, and a terminal would obey some of them.
    if any((ord(c) < 32 and c not in "\t\n") or 0x7F <= ord(c) < 0xA0 or 0xD800 <= ord(c) < 0xE000 for c in text):
        raise ValueError(f"the text {shorten(text)} contains control characters")
    return text
