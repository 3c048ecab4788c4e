"""Text and inline markdown for LaTeX: pdflatex with T1 and UTF-8 sets all of it, and nothing in it is a command."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from markdown_it.token import Token

__all__ = ["escape", "inline", "plain"]

_SPECIAL = {
    **{letter: f"\\{letter}" for letter in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}",
    "[": "{[}",  # after the end of a row, a bare one would begin an argument
    "]": "{]}",
    "*": "{*}",
    "–": "--",
    "—": "---",
    "…": r"\ldots{}",
    "†": r"\textdagger{}",
    "·": r"\textperiodcentered{}",
    "°": r"\textdegree{}",
    **dict(zip("‘’“”„", (r"\textquoteleft{}", r"\textquoteright{}", "``", "''", r"\quotedblbase{}"), strict=True)),
}
_MATHS = (
    "αalpha βbeta γgamma δdelta εvarepsilon λlambda μmu µmu πpi σsigma ΔDelta ΣSigma ×times ÷div ±pm ≤le ≥ge "
    "≠ne ≈approx ∞infty √surd ↑uparrow ↓downarrow →rightarrow ←leftarrow"
)
_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", (*"0123456789", "$+$", "$-$"), strict=True))
_LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))
_COMMANDS = {
    **_SPECIAL,
    "−": "$-$",
    **{name[0]: f"$\\{name[1:]}$" for name in _MATHS.split()},
    **{letter: f"\\textsuperscript{{{text}}}" for letter, text in _RAISED.items()},
    **{letter: f"\\textsubscript{{{text}}}" for letter, text in _LOWERED.items()},
}
_SET = frozenset(map(chr, range(0x20, 0x7F))) | frozenset(map(chr, range(0xA1, 0x17F))) - frozenset("¦¬­ĦħĸĿŀŉŦŧ")
"""What is set as it stands: ASCII, and the letters of Latin-1 and Latin Extended-A that T1 has."""

# "8.83e5" as the tables print losses, "1e-05" as Python prints settings; not "12e5", which may be a hash.
_NUMBER = re.compile(r"(?<![\w.])(-?)(?:(\d\.\d\d)e(-?\d+)|(\d+(?:\.\d+)?)e([+-]\d+))(?!\w)")
_MINUS = re.compile(r"(?<![\w.-])-(?=\d)")
_LIGATURE = re.compile(r"-(?=-)|,(?=,)|'(?=')")
"""What T1 would draw as one: two hyphens a dash, two commas or apostrophes a quotation mark."""

_PARSER = MarkdownIt("commonmark")
_TAGS = {"em_open": r"\emph{", "strong_open": r"\textbf{", "em_close": "}", "strong_close": "}"}


def escape(text: str) -> str:
    """Return text as LaTeX that shows it, numbers with an exponent as ``8.83`` times a power of ten.

    A letter that pdflatex has no font for (emoji, Chinese, Hebrew) is set by XeLaTeX and LuaLaTeX, where their font has
    it, and shown as its number in Unicode, ``[U+1F600]``, by pdflatex.
    """
    text = unicodedata.normalize("NFC", text).replace("\0", "")
    parts, place = [], 0
    for found in _NUMBER.finditer(text):
        sign, mantissa, power = found[1], found[2] or found[4], int(found[3] or found[5])
        parts += [_escape(text[place : found.start()]), f"${sign}{mantissa}\\times10^{{{power}}}$"]
        place = found.end()
    return "".join([*parts, _escape(text[place:])])


def inline(markdown: str) -> str:
    """Return inline markdown (what the cells of the report's tables hold) as LaTeX."""
    return _joined(_tokens(markdown), escape)


def plain(markdown: str) -> str:
    """Return the words of inline markdown alone."""
    return "".join(" " if token.type.endswith("break") else _words(token) for token in _tokens(markdown))


def _words(token: Token) -> str:
    return "" if token.type == "html_inline" else token.content


@functools.lru_cache(maxsize=20_000)  # tables are set as files and for the page, and their cells are much alike
def _tokens(markdown: str) -> Sequence[Token]:
    return tuple(_PARSER.parseInline(markdown)[0].children or ())


def _joined(tokens: Sequence[Token], show: Callable[[str], str]) -> str:
    parts, raised = [], 0
    for token in tokens:
        if token.type in _TAGS:
            parts.append(_TAGS[token.type])
        elif token.type in ("softbreak", "hardbreak"):
            parts.append(" ")
        elif token.type == "code_inline":
            parts.append(f"\\texttt{{{show(token.content)}}}")
        elif token.type == "html_inline" and token.content == "<sup>":
            parts.append(r"\textsuperscript{")
            raised += 1
        elif token.type == "html_inline" and token.content == "</sup>" and raised:
            parts.append("}")
            raised -= 1
        else:
            parts.append(show(token.content))
    return "".join(parts) + "}" * raised


def _escape(text: str) -> str:
    text = _LIGATURE.sub(lambda found: f"{found[0]}\0", _MINUS.sub("−", text))
    parts: list[str] = []
    unset = ""
    for letter in f"{text}\0":
        if letter != "\0" and letter not in _COMMANDS and letter not in _SET:
            unset += letter
            continue
        parts += [_unset(unset)] if unset else []
        unset = ""
        parts.append("{}" if letter == "\0" else _COMMANDS.get(letter, letter))
    return "".join(parts[:-1])


def _unset(letters: str) -> str:
    numbers = " ".join(f"U+{ord(letter):04X}" for letter in letters)
    return f"{{\\ifdefined\\Umathchar {letters}\\else[{numbers}]\\fi}}"
