"""A comparison as tables: rows of text, for the terminal and for markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nstbench.compare.verdict import CellResult, Comparison, MetricResult
from nstbench.compare.words import change, interval, number, summary, verdict

__all__ = ["MARKS", "Section", "markdown", "sections"]

MARKS = "+ worse than the threshold, - better, ~ beyond it but not significantly, ! no longer ok, * ok only now"
"""What the first column of a table of cells means."""


@dataclass(frozen=True, slots=True)
class Section:
    """A table under a heading; without rows it is left out."""

    heading: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def sections(comparison: Comparison) -> list[Section]:
    """Return the tables: metrics, cells of each metric, cells that changed their outcome, settings that differ."""
    found = [_metrics(comparison)]
    found += [_cells(one, comparison.is_repeated) for one in comparison.metrics]
    found += [_outcomes(comparison), _alone(comparison), _settings(comparison)]
    return [section for section in found if section.rows]


def markdown(comparison: Comparison) -> str:
    """Return the whole comparison as markdown."""
    from nstbench.report.markdown import bullets, inline

    lines = [summary(comparison), *comparison.notes, MARKS]
    parts = [f"# {inline(comparison.before)} → {inline(comparison.after)}", f"**{inline(verdict(comparison))}**"]
    parts.append(bullets([inline(line) for line in lines]))
    for section in sections(comparison):
        parts += [f"## {inline(section.heading)}", _markdown_table(section)]
    return "\n\n".join(parts) + "\n"


def _markdown_table(section: Section) -> str:
    from nstbench.report.markdown import inline

    rows: Iterator[Sequence[str]] = iter([section.columns, ["---"] * len(section.columns), *section.rows])
    return "\n".join(f"| {' | '.join(text if text == '---' else inline(text) for text in row)} |" for row in rows)


def _metrics(comparison: Comparison) -> Section:
    columns = ("", "metric", "cells", "median change", "interval (coverage at least)", "judged")
    rows = [
        (
            "+" if one.regression else "",
            one.metric,
            str(len(one.cells)),
            change(one.ratio),
            interval(one),
            "yes" if one.judged else "shown only",
        )
        for one in comparison.metrics
    ]
    return Section("Over all cells", columns, tuple(rows))


def _cells(one: MetricResult, repeated: bool) -> Section:
    columns = ("", "before", "after", "change", *(("p",) if repeated else ()), "cell")
    return Section(one.metric, columns, tuple(_cell(cell, one.unit, repeated) for cell in one.cells))


def _cell(cell: CellResult, unit: str, repeated: bool) -> tuple[str, ...]:
    numbers = (number(cell.before, unit), number(cell.after, unit), change(cell.ratio))
    p = ("" if cell.p is None else f"{cell.p:.2g}",) if repeated else ()
    return (cell.mark, *numbers, *p, cell.title)


def _outcomes(comparison: Comparison) -> Section:
    rows = [("!", one.title, one.reason) for one in comparison.lost]
    rows += [("*", title, "") for title in comparison.found]
    return Section("Outcomes that changed", ("", "cell", "now"), tuple(rows))


def _alone(comparison: Comparison) -> Section:
    rows = [("first", title) for title in comparison.only_before]
    rows += [("second", title) for title in comparison.only_after]
    return Section("Cells of one run only", ("run", "cell"), tuple(rows))


def _settings(comparison: Comparison) -> Section:
    rows = [(one.what, one.before, one.after, str(one.cells) if one.cells else "all") for one in comparison.differences]
    return Section("What differs, beside the results", ("setting", "before", "after", "cells"), tuple(rows))
