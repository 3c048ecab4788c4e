"""Which cells of two runs are the same point of the grid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from nstbench.errors import RunError
from nstbench.report.numbers import setting
from nstbench.results import comparison
from nstbench.results.record import Record, Status

__all__ = ["COORDINATES", "SETTINGS", "Matched", "Pair", "match"]

COORDINATES = (
    "content",
    "style",
    "label",
    "backbone",
    "backend",
    "weights",
    "content_layers",
    "style_layers",
    "content_loss",
    "style_loss",
    "total_variation_loss",
    "seed",
)
"""What corresponding cells have in common."""

_NAMES = frozenset({"layer_set", "repeat"})
"""Of coordinates: the number of a layer set, whose layers count, and of a repeat, which has no counterpart."""

SETTINGS = (
    *(name for name in Record.__struct_fields__ if name in comparison.COORDINATES - {*COORDINATES} - _NAMES),
    "start_sha256",
)
"""What they may have differently; where one run varies such a setting itself, it counts like a coordinate."""

Key = tuple[Hashable, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """One point of the grid in both runs, with its repeats."""

    title: str
    before: tuple[Record, ...]
    after: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Matched:
    """The pairs, in the first run's order, and the titles of what only one of the runs has."""

    pairs: tuple[Pair, ...]
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]


def match(before: Sequence[Record], after: Sequence[Record]) -> Matched:
    """Match the records of two runs (the last attempt at each cell); what a suite itself skips is left out.

    Raises ``RunError``, naming what the runs have not in common, if nothing matches.
    """
    groups = _grouped(before), _grouped(after)
    pairs: list[Pair] = []
    alone: tuple[list[str], list[str]] = ([], [])
    for key in dict.fromkeys([*groups[0], *groups[1]]):
        own = [group.get(key, []) for group in groups]
        varied = tuple(name for name in SETTINGS if any(len(_values(records, name)) > 1 for records in own))
        points = [_by(records, varied) for records in own]
        for point in dict.fromkeys([*points[0], *points[1]]):
            found = [one.get(point, ()) for one in points]
            title = _title((found[0] or found[1])[0], varied)
            if all(found):
                pairs.append(Pair(title, *found))
            else:
                alone[0 if found[0] else 1].append(title)
    if not pairs:
        raise RunError(_nothing_matches(before, after))
    return Matched(tuple(pairs), *map(tuple, alone))


def _grouped(records: Iterable[Record]) -> dict[Key, list[Record]]:
    groups: dict[Key, list[Record]] = defaultdict(list)
    for record in records:
        if record.status is not Status.SKIPPED:
            groups[_key(record, COORDINATES)].append(record)
    return dict(groups)


def _by(records: Iterable[Record], names: tuple[str, ...]) -> dict[Key, tuple[Record, ...]]:
    points: dict[Key, tuple[Record, ...]] = {}
    for record in records:
        key = _key(record, names)
        points[key] = (*points.get(key, ()), record)
    return points


def _key(record: Record, names: tuple[str, ...]) -> Key:
    return tuple(getattr(record, name, None) for name in names)


def _values(records: Iterable[Record], name: str) -> set[Hashable]:
    return {getattr(record, name, None) for record in records}


def _title(record: Record, varied: tuple[str, ...]) -> str:
    place = (record.content, record.style, record.label, record.backend, record.weights, record.layer_set)
    return " ".join(["/".join(place), *(f"{name}={setting(getattr(record, name))}" for name in varied)])


def _nothing_matches(before: Sequence[Record], after: Sequence[Record]) -> str:
    if not before or not after:
        return f"the {'first' if not before else 'second'} run has no records yet. Run its suite, then compare."
    for name in (*COORDINATES, *SETTINGS):
        first, second = _values(before, name), _values(after, name)
        if not first & second:
            return (
                f"no cell of the one run is in the other: {name} is {_listed(first)} in the first and "
                f"{_listed(second)} in the second. Compare runs of the same images, networks, layers, losses and seeds."
            )
    return "no cell of the one run is in the other, though each of their coordinates is. Compare runs of one suite."


def _listed(values: set[Hashable], most: int = 3) -> str:
    names = sorted(setting(value) for value in values)
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
