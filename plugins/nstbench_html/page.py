"""The page: pictures first, then curves, costs and tables, and at the end what was run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from nstbench.pages import Prose, Thumbnails, curves, environment, made_ahead, matrices
from nstbench.plugin.protocols import StoredRun
from nstbench.report.latex_files import latex_by_markdown
from nstbench_html.cells import every_cell
from nstbench_html.costs import costs
from nstbench_html.figures import inlined

__all__ = ["page"]

_WIDEST = 224
"""Width of a picture in the matrix, in pixels of a page; a smaller one is not made larger than twice."""
_ELSEWHERE = ("summary", "overview", "figures")
"""Sections that the page has in another place or form."""


def page(run: StoredRun) -> dict[str, str]:
    """Return ``report.html``: pictures are in it, whole ones are linked; it makes no request."""
    template = environment("nstbench_html").get_template("report.html.j2")
    pictures = _pictures(run)
    shown = Thumbnails.fitting(run.folder.path, pictures)
    with made_ahead(shown, pictures) as show:
        parts = _texts(run)
        parts |= {"matrices": matrices(run.grid, run.folder, show), "widest": min(2 * shown.side, _WIDEST)}
    return {"report.html": template.render(run=run.manifest, **parts)}


def _texts(run: StoredRun) -> dict[str, Any]:
    """Return what the template has beside pictures, by its names for it."""
    prose = Prose(inlined(run), latex_by_markdown(run.grid))
    return {
        "summary": _summary(run, prose),
        "overview": prose("\n\n".join(each.markdown for each in run.sections if each.key == "overview")),
        "curves": curves(run.grid, run.folder),
        "costs": costs(run.grid),
        "cells": prose(every_cell(run.grid)),
        "sections": _sections(run, prose),
        "figures": [(run.link(run.folder.path / figure.path), figure.caption) for figure in run.figures],
        "undrawn": prose(run.undrawn),
        "tables": prose.tables,
    }


def _pictures(run: StoredRun) -> Sequence[Path]:
    cells = [run.folder.image(record.cell) for record in run.grid.ok]
    return cells or sorted(run.folder.inputs.glob("*.png"))


def _summary(run: StoredRun, prose: Callable[[str], Markup]) -> Markup:
    _heading, *parts = next(section.parts for section in run.sections if section.key == "summary")
    return prose("\n\n".join(parts))


def _sections(run: StoredRun, prose: Callable[[str], Markup]) -> list[tuple[str, Markup]]:
    return [(each.key, prose(each.markdown)) for each in run.sections if each.key not in _ELSEWHERE]
