"""Which cells may be compared: ``closed`` is the same in everything but the backend, else ``open``, and what differs.

Closed means the same weights, images, sizes, iterations, precision and formulas (loss formulas with their weights,
optimiser and start), and of one network the same layers. What is left is the framework's doing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from nstbench.results.record import Record, Status
from nstbench.suite.cell import Cell, Optimizer

__all__ = [
    "COORDINATES",
    "MACHINE",
    "SETTINGS",
    "Difference",
    "alike",
    "circumstances",
    "differences",
    "point",
    "with_comparison",
]

_PLACE = frozenset({"label", "backend", "backbone", "layer_set", "weights", "content", "style", "repeat"})
_LAYERS = frozenset({"content_layers", "style_layers"})
COORDINATES = frozenset(
    {*Cell.__struct_fields__, *Optimizer.__struct_fields__} & {*Record.__struct_fields__} - {"name", "skipped"}
)
"""Fields of a record that are coordinates of its cell."""
SETTINGS = (
    "backbone",
    "weights_sha256",
    "content_sha256",
    "style_sha256",
    *(name for name in Record.__struct_fields__ if name in COORDINATES - _PLACE),
    "height",
    "width",
)
"""Fields of a record in which the cells of a closed comparison are the same."""
MACHINE = ("device", "threads", "machine")
"""Fields in which they must be the same as well where times are compared."""
_NAMED = {"weights_sha256": "weights", "content_sha256": "content", "style_sha256": "style"}


@dataclass(frozen=True, slots=True)
class Difference:
    """A setting in which cells differ; ``values`` maps each value to the (label, backend) that have it."""

    what: str
    values: Mapping[str, tuple[tuple[str, str], ...]]


def point(record: Record) -> Hashable:
    """Return what a cell has in common with the same cell on another backend: all of its other coordinates."""
    return tuple(getattr(record, name) for name in Record.__struct_fields__ if name in COORDINATES - {"backend"})


def circumstances(record: Record) -> dict[str, object]:
    """Return what the coordinates only name: hashes of weights and images, and the size the content has there."""
    return {
        "weights": record.weights_sha256,
        f"content {record.content}": record.content_sha256,
        f"style {record.style}": record.style_sha256,
        f"size {record.content} {record.image_size}": (record.height, record.width),
    }


def alike(a: Record, b: Record) -> bool:
    """Say whether two cells of one label had the same weights and, where they share them, the same images."""
    first, second = circumstances(a), circumstances(b)
    return all(first[name] == second[name] for name in first.keys() & second.keys())


def differences(rows: Iterable[Sequence[Record]], settings: Sequence[str] = SETTINGS) -> tuple[Difference, ...]:
    """Return in what the columns of each row differ, over all rows; no difference is a closed comparison.

    A column is a label on a backend; one with several cells in a row (repeats, a sweep) has several values, and differs
    from others that do not have the same ones. Cells that did not run are compared with nothing, nor are layers of
    different networks: those always differ.
    """
    found: dict[str, dict[object, dict[tuple[str, str], Record]]] = defaultdict(lambda: defaultdict(dict))
    for row in rows:
        ran = [record for record in row if record.status is Status.OK]
        for name in _varying(ran, settings):
            for group in _comparable(name, ran):
                if _differs(name, group):
                    for record in group:
                        found[name][getattr(record, name)][record.label, record.backend] = record
    return tuple(_difference(name, found[name]) for name in settings if name in found)


def with_comparison(records: Sequence[Record]) -> list[Record]:
    """Return the records with ``comparison`` filled in: ``closed``, ``open``, or None where nothing can be compared.

    A label that ran on several backends is compared with itself, another with its backbone's labels on other backends.
    """
    ran = [record for record in records if record.status is Status.OK]
    judge = _Judge(ran)
    return [
        msgspec.structs.replace(record, comparison=judge(record) if record.status is Status.OK else None)
        for record in records
    ]


class _Judge:
    """Says closed or open. Records are looked up, not searched, as a grid may have many thousands."""

    def __init__(self, ran: Sequence[Record]) -> None:
        self._points = _grouped(ran, point)
        self._labels = _grouped(ran, _label)
        self._of_label = _backends(self._labels)
        self._of_backbone = _backends(_grouped(ran, lambda record: record.backbone))
        self._of_settings = _backends(_grouped(ran, _settings))

    def __call__(self, record: Record) -> str | None:
        if len(self._of_label[_label(record)]) > 1:
            own = _elsewhere(record, self._points[point(record)]) or _elsewhere(record, self._labels[_label(record)])
            return "closed" if all(alike(one, record) for one in own) else "open"
        if len(self._of_backbone[record.backbone]) > 1:
            return "closed" if len(self._of_settings[_settings(record)]) > 1 else "open"
        return None


def _label(record: Record) -> Hashable:
    return record.label, record.backbone


def _elsewhere(record: Record, records: Sequence[Record]) -> list[Record]:
    return [one for one in records if one.backend != record.backend]


def _backends(groups: Mapping[Hashable, Sequence[Record]]) -> dict[Hashable, set[str]]:
    return {key: {record.backend for record in group} for key, group in groups.items()}


def _settings(record: Record) -> Hashable:
    return tuple(getattr(record, name) for name in SETTINGS)


def _grouped(records: Sequence[Record], key: Callable[[Record], Hashable]) -> dict[Hashable, list[Record]]:
    groups: dict[Hashable, list[Record]] = defaultdict(list)
    for record in records:
        groups[key(record)].append(record)
    return groups


def _varying(records: Sequence[Record], settings: Sequence[str]) -> list[str]:
    return [name for name in settings if len({getattr(record, name) for record in records}) > 1]


def _comparable(name: str, records: Sequence[Record]) -> Iterable[list[Record]]:
    return _grouped(records, lambda record: record.backbone if name in _LAYERS else "").values()


def _differs(name: str, group: Sequence[Record]) -> bool:
    columns = _grouped(group, lambda record: (record.label, record.backend)).values()
    return len({frozenset(getattr(record, name) for record in column) for column in columns}) > 1


def _difference(name: str, found: Mapping[object, Mapping[tuple[str, str], Record]]) -> Difference:
    shown = _NAMED.get(name, name)
    texts = {value: _text(value, shown, next(iter(places.values()))) for value, places in found.items()}
    double = len(set(texts.values())) < len(texts)
    values = {f"{texts[value]} ({str(value)[:8]})" if double else texts[value]: tuple(found[value]) for value in found}
    return Difference("network" if name == "backbone" else shown, values)


def _text(value: object, shown: str, record: Record) -> str:
    text = getattr(record, shown) if shown in _NAMED.values() else value
    return f"{text:.10g}" if isinstance(text, float) else "none" if text is None else str(text)
