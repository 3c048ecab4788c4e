"""The nearest match of a misspelt word."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = ["nearest", "suggestion"]


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word most like ``word``, None if none is near."""
    # 0.5 rather than difflib's 0.6: 'conv6_1' should still lead to 'block5_conv1'. Longer words are not typing errors.
    matches = difflib.get_close_matches(word.lower(), sorted(known), n=1, cutoff=0.5) if len(word) <= 100 else []
    return matches[0] if matches else None


def suggestion(word: str, known: Iterable[str], *, most: int = 12) -> str:
    """Return ``"; did you mean 'x'?"``, else the known words if they are few, else nothing."""
    words = sorted(set(known))
    match = nearest(word, words)
    if match is not None:
        return f"; did you mean {match!r}?"
    return f"; known: {', '.join(words)}" if 0 < len(words) <= most else ""
