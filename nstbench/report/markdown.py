"""Markdown that arbitrary text cannot break."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["bullets", "fence", "image", "inline", "shorten", "table"]


def inline(text: str) -> str:
    """Return text as it is to be read, on one line, safe in a paragraph and in the cell of a table."""
    flat = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    # An underscore inside a word, as in the names of layers, is one; at its edge it would begin or end emphasis.
    escaped = re.sub(r"([\\`*|\[\]]|(?<![^\W_])_|_(?![^\W_]))", r"\\\1", flat)
    return escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def shorten(text: str, limit: int = 160) -> str:
    """Return text on one line, cut at a length that a table bears."""
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[: limit - 1].rstrip() + "…"


def fence(text: str, language: str = "") -> str:
    """Return a code block around any text: its fence is longer than every run of backticks inside."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    ticks = "`" * max(3, longest + 1)
    return f"{ticks}{language}\n{text.rstrip()}\n{ticks}"


def table(frame: pd.DataFrame) -> str:
    """Return a table of texts that are markdown already; heads are escaped here."""
    named = frame.set_axis([inline(str(name)) for name in frame.columns], axis="columns")
    # Without this, tabulate reads "8.83e5" as a number and prints it its own way.
    return str(named.to_markdown(index=False, disable_numparse=True))


def bullets(lines: list[str]) -> str:
    """Return a list of lines that are markdown already."""
    return "\n".join(f"- {line}" for line in lines)


def image(path: str, alt: str) -> str:
    """Return an embedded picture."""
    return f"![{inline(alt)}]({path})"
