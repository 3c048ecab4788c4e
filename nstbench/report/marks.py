"""Letters beside the doubtful numbers of a table, and the footnotes that say what they mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nstbench.report.markdown import inline
from nstbench.results import Record, Status
from nstbench.results.marks import (
    BARELY_MOVED,
    CLIPPED,
    FLOOR,
    MARKS,
    OVERSHOT,
    SPREADS,
    STILL_FALLING,
    Pair,
    backend_pairs,
    marks_of,
)

__all__ = ["footnotes", "letters"]

_LETTERS = dict(zip(MARKS, "abcdefg", strict=True))
"""The same letter means the same in every table."""
_MEANINGS = {
    "above-start": "ended above the loss of its start image (a lower learning rate may help)",
    "above-best": f"ended more than {OVERSHOT:.0%} above its lowest total loss, which `image_best.png` has",
    "still-falling": f"was still falling fast: by more than {STILL_FALLING:.0%} in the last tenth of the steps",
    "not-finite": "became infinite or not a number",
    "clipped": f"drove more than {CLIPPED:.0%} of the pixels to 0 or 255, where content and start image are not",
    "barely-moved": f"moved its image by less than {BARELY_MOVED:g} grey levels on average: the picture is still the "
    "start (a smaller ε or larger loss weights may help)",
    "backends-differ": f"differs from the same cell on another backend, in total, style or content loss, by more than "
    f"{SPREADS:g} times the spread of roundings of one backend (by chance in 1 of 100) and more than {FLOOR:g}",
}


def letters(*records: Record) -> str:
    """Return the marks of a cell (of all its repeats) as raised letters, in markdown; empty where it has none."""
    own = ", ".join(_LETTERS[name] for name in marks_of(records))
    return f"<sup>{own}</sup>" if own else ""


def footnotes(records: Iterable[Record]) -> list[str]:
    """Return, in markdown, a line for each mark that the cells of a table have, with its count; and what is unknown."""
    records = list(records)
    lines = [_footnote(name, records) for name in marks_of(records)]
    return [*lines, *_pairs(backend_pairs(records)), *_not_judged(records)]


def _footnote(name: str, records: Sequence[Record]) -> str:
    marked = [record for record in records if name in record.marks.split()]
    ran = [record for record in records if record.status in (Status.OK, Status.DIVERGED)]
    more = ""
    if name == "above-start" and (never := sum(record.best_iteration == 0 for record in marked)):
        more = f"; {never} of them never came below it"
    count = f"{len(marked)} of the {len(ran)} cells that ran"
    return f"<sup>{_LETTERS[name]}</sup> *{name}*: {_MEANINGS[name]}: {count}{more}."


def _pairs(pairs: Sequence[Pair]) -> list[str]:
    """Return how far backends were apart, and which pairs nobody can judge."""
    judged = [pair for pair in pairs if pair.spread is not None]
    lines = []
    if judged:
        worst = max(judged, key=lambda pair: pair.apart)
        spreads = [pair.spread for pair in judged if pair.spread is not None]
        lines.append(
            f"Backends: {len(judged)} pair{'s' if len(judged) > 1 else ''} of the same cell, at most "
            f"{worst.apart:.1e} apart ({inline(_names(worst))}); roundings of {inline(judged[0].first.backend)} are "
            f"{min(spreads):.1e} to {max(spreads):.1e} apart."
        )
    if unknown := len(pairs) - len(judged):
        largest = max(pair.apart for pair in pairs if pair.spread is None)
        lines.append(
            f"Whether backends differ by more than rounding was not judged for {unknown} "
            f"pair{'s' if unknown > 1 else ''} of the same cell, at most {largest:.1e} apart: `rounding_probe: true` "
            "in the suite measures it."
        )
    return lines


def _names(pair: Pair) -> str:
    return f"{pair.first.label}, set {pair.first.layer_set}, {pair.first.backend} and {pair.other.backend}"


def _not_judged(records: Sequence[Record]) -> list[str]:
    """Runs of earlier versions did not measure all of it."""
    old = sum(record.status is Status.OK and record.moved is None for record in records)
    text = "recorded before movement and clipping were measured: no mark means nothing there"
    return [f"{old} cell{'s were' if old > 1 else ' was'} {text}."] if old else []
