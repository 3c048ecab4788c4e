"""Whether ours is the report's table: the order of its rows, and magnitudes within a factor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations

from nstbench.report.numbers import loss
from nstbench.reproduction.published import TABLE_1, Losses
from nstbench.reproduction.stored import Ours

__all__ = ["FACTOR", "magnitudes", "order", "ratio"]

FACTOR = 4.0
"""The report names neither its pictures nor the iteration it prints; of the picture alone depends a factor of 6 in the
first layer's loss. So magnitudes are compared, not digits."""

_JUDGED = (2, 3, 4, 5)
"""Row 1 is an optimisation that failed, in the report too: its figures are noise of the optimiser."""

_TERMS: tuple[tuple[str, Callable[[Losses], float]], ...] = (
    ("total", lambda one: one.total),
    ("style", lambda one: one.style),
    ("content", lambda one: one.content),
)


def ratio(ours: float, theirs: float) -> str:
    """Return ours divided by the report's: ``×1.35``."""
    return f"×{ours / theirs:.2g}"


def magnitudes(network: str, rows: Sequence[Ours], iteration: int) -> list[str]:
    """Return one sentence that counts what lies within ``FACTOR``, and one for each figure that does not."""
    outside: list[str] = []
    count = 0
    for one in rows:
        found = one.at(iteration)
        if one.row not in _JUDGED or found is None:
            continue
        for name, term in _TERMS[1:]:
            ours, theirs = term(found), term(TABLE_1[network][one.row - 1])
            count += 1
            if not 1 / FACTOR <= ours / theirs <= FACTOR:
                text = f"{ratio(ours, theirs)}: {loss(ours)} here, {loss(theirs)} in the report"
                outside.append(f"Outside: row {one.row}, {name}, {text}.")
    within = f"{count - len(outside)} of {count} figures"
    return [f"Within a factor of {FACTOR:g} of the report, style and content of rows 2–5: {within}.", *outside]


def order(network: str, rows: Sequence[Ours], iteration: int) -> list[str]:
    """Return a sentence for each quantity: whether rows 2-5 of ours come in the report's order; none for one row."""
    found = {one.row: losses for one in rows if one.row in _JUDGED and (losses := one.at(iteration)) is not None}
    lines = []
    for name, term in _TERMS if len(found) > 1 else ():
        ours = {row: term(losses) for row, losses in found.items()}
        theirs = {row: term(TABLE_1[network][row - 1]) for row in found}
        pairs = [(a, b) for a, b in combinations(found, 2) if (ours[a] < ours[b]) != (theirs[a] < theirs[b])]
        swapped = [f"rows {a} and {b} ({_pair(ours, a, b)} here, {_pair(theirs, a, b)} there)" for a, b in pairs]
        text = "the report's order" if not swapped else f"not the report's order: {'; '.join(swapped)} change places"
        lines.append(f"{name}: {_chain(ours)}; {text}.")
    return [f"Order of rows 2–5, {line}" for line in lines]


def _chain(values: dict[int, float]) -> str:
    return " < ".join(f"row {row}" for row in sorted(values, key=values.__getitem__))


def _pair(values: dict[int, float], a: int, b: int) -> str:
    return f"{loss(values[a])} and {loss(values[b])}"
