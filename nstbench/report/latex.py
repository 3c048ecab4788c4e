"""Tables for papers: the frames of the report as LaTeX, set with ``booktabs``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from nstbench.report import markdown
from nstbench.report.latex_text import inline, plain

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PACKAGES", "label", "table"]

PACKAGES = r"\usepackage[T1]{fontenc} \usepackage{array,booktabs,graphicx}"
"""What a document needs in its preamble."""

_LETTERS = 108
"""About so many letters of ``\\footnotesize`` are a line of an A4 page; wider tables are broken, then scaled to it."""
_NARROWEST = 18
"""Letters of a column that is broken into lines, at least."""
_EM = 0.52
"""Width of a letter, on average and with what stands around it."""
_FIGURES = re.compile(r"–|-?[\d.,]+(e-?\d+)?( (s|ms|MiB|px|%))?( †)?")


def table(frame: pd.DataFrame, caption: str, label: str, notes: Sequence[str] = ()) -> str:
    """Return a ``table`` environment for a document with ``PACKAGES``.

    The cells of ``frame``, ``caption`` and ``notes`` (lines below the table) are inline markdown; heads are plain text,
    as in ``nstbench.report.markdown.table``. ``label`` is what ``\\ref`` names.
    """
    heads = [markdown.inline(str(name)).split(" · ") for name in frame.columns]
    rows = [[str(cell) for cell in row] for row in frame.itertuples(index=False, name=None)]
    columns = [[plain(row[place]) for row in rows] for place in range(len(heads))]
    widths = _widths(heads, columns)
    types = map(_type, columns, widths)
    lines = [
        r"\begin{table}[htbp]",
        r"  \centering\footnotesize",
        f"  \\caption{{{inline(caption)}}}",
        f"  \\label{{{label}}}",
        r"  \resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%",
        f"  \\begin{{tabular}}{{{''.join(types)}}}",
        r"    \toprule",
        f"    {' & '.join(map(_head, heads, widths))} \\\\",
        r"    \midrule",
        *(f"    {' & '.join(map(inline, row))} \\\\" for row in rows),
        r"    \bottomrule",
        r"  \end{tabular}}",
        *_notes(notes),
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def label(*parts: object) -> str:
    """Return a name for ``\\label`` from any texts: ``tab:losses-1-astronaut-ihc``."""
    return "tab:" + re.sub(r"[^a-z0-9]+", "-", "-".join(map(str, parts)).lower()).strip("-")[:100]


def _widths(heads: Sequence[Sequence[str]], columns: Sequence[Sequence[str]]) -> list[int]:
    """Return the letters at which a column is broken into lines, 0 where it is not: the widest give way first."""
    natural = [max(map(len, [*head, *texts])) for head, texts in zip(heads, columns, strict=True)]
    most = max(natural, default=0)
    while most > _NARROWEST and sum(min(width, most) + 2 for width in natural) > _LETTERS:
        most -= 1
    return [most if width > most else 0 for width in natural]


def _type(texts: Sequence[str], letters: int) -> str:
    """Return a column's type: figures to the right, texts to the left."""
    if letters:
        return f">{{\\raggedright\\arraybackslash}}p{{{letters * _EM:.1f}em}}"
    return "r" if texts and all(map(_FIGURES.fullmatch, texts)) else "l"


def _head(parts: Sequence[str], letters: int) -> str:
    """Return a head; that of a network, which has several parts, in as many lines."""
    shown = [inline(part) for part in parts]
    if letters or len(shown) == 1:
        return r"\newline ".join(shown)
    stacked = r"\\".join(shown)
    return f"\\begin{{tabular}}[b]{{@{{}}l@{{}}}}{stacked}\\end{{tabular}}"


def _notes(notes: Sequence[str]) -> list[str]:
    if not notes:
        return []
    lines = [f"    {inline(note)}\\par" for note in notes]
    return [r"  \par\smallskip", r"  \parbox{\linewidth}{\scriptsize\raggedright", *lines, "  }"]
