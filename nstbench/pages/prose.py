"""A report's markdown as HTML: the tables can be sorted and filtered, and carry their own source with them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup

from nstbench.report import latex
from nstbench.report.latex_text import plain

__all__ = ["Prose"]

_RAISED = re.compile(r"&lt;sup&gt;([a-z, ]+)&lt;/sup&gt;")
"""The one tag that the report's markdown has: letters that refer to footnotes. All others stay text."""

_Image = Callable[[str], str | None]


@dataclass(slots=True)
class Prose:
    """Renders markdown for one page; ``image`` turns the address of a figure into that in the page, or drops it.

    ``latex`` has tables in LaTeX by their markdown; others are set here. ``tables`` collects, by the ``id`` of each
    table, its source as ``markdown`` and as ``LaTeX``.
    """

    image: _Image
    latex: Mapping[str, str] = field(default_factory=dict)
    tables: dict[str, dict[str, str]] = field(default_factory=dict)
    _caption: str = ""

    def __call__(self, markdown: str) -> Markup:
        """Return a section as HTML. No text of the run becomes markup: tags in markdown are not passed on."""
        parser = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer).enable("table")
        tokens = parser.parse(markdown)
        self._note_tables(tokens, markdown.split("\n"))
        html = str(parser.renderer.render(tokens, parser.options, {"image": self.image}))
        return Markup(_RAISED.sub(r"<sup>\1</sup>", html))  # noqa: S704

    def _note_tables(self, tokens: Sequence[Token], lines: Sequence[str]) -> None:
        """Give each table a name, and keep its source under it; the heading or sentence before it is its caption."""
        for index, token in enumerate(tokens):
            if token.type == "inline" and tokens[index - 1].type in ("heading_open", "paragraph_open"):
                self._caption = token.content
            if token.type == "table_open" and token.map:
                name = f"table-{len(self.tables) + 1}"
                token.attrSet("id", name)
                source = "\n".join(lines[slice(*token.map)]).strip()
                drawn = self.latex.get(source) or self._set(name, tokens[index:])
                self.tables[name] = {"markdown": source, "LaTeX": drawn}

    def _set(self, name: str, tokens: Sequence[Token]) -> str:
        return latex.table(_frame(tokens), caption=self._caption, label=latex.label(name))


class _Renderer(RendererHTML):
    """Tables that scroll by themselves, and pictures as the page has them."""

    def table_open(self, tokens: Sequence[Token], index: int, _options: Any, _env: Any) -> str:
        name = tokens[index].attrGet("id")
        return f'<div class="scroll" tabindex="0" role="region" aria-label="table"><table class="data" id="{name}">\n'

    def table_close(self, _tokens: Sequence[Token], _index: int, _options: Any, _env: Any) -> str:
        return "</table></div>\n"

    def image(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        token = tokens[idx]
        link = str(token.attrGet("src") or "")
        source = env["image"](link)
        if source is None:
            return ""
        token.attrSet("src", source)
        token.attrSet("class", "figure")
        return f'<a href="{link}">{super().image(tokens, idx, options, env)}</a>'


def _frame(tokens: Sequence[Token]) -> pd.DataFrame:
    """Return a table's cells in markdown and its heads as plain text; ``tokens`` begin with its opening."""
    rows: list[list[str]] = []
    for token in tokens:
        if token.type == "table_close":
            break
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(token.content)
    return pd.DataFrame(rows[1:], columns=[plain(head) for head in rows[0]])
