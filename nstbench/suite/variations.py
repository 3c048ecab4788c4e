"""Tell apart cells that have the same title: by the settings in which they differ."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from nstbench.suite.cell import Cell, without_folder

__all__ = ["variations"]


def variations(cells: Sequence[Cell]) -> dict[str, str]:
    """Return by cell id the settings, ``style_loss=gatys seed=0``, that others of the same title have differently."""
    groups: dict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        groups[cell.title].append(cell)
    return {cell.id: text for group in groups.values() for cell, text in zip(group, _texts(group), strict=True)}


def _texts(group: Sequence[Cell]) -> list[str]:
    settings = [_flat(cell) for cell in group]
    varying = [key for key in settings[0] if len({repr(one[key]) for one in settings}) > 1]
    return [" ".join(f"{key}={_shown(one[key])}" for key in varying) for one in settings]


def _flat(cell: Cell) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(cell)
    optimizer: Mapping[str, Any] = fields.pop("optimizer")
    fields |= {"init": without_folder(fields["init"])}
    return fields | {"optimizer": optimizer["name"]} | {key: optimizer[key] for key in optimizer if key != "name"}


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return "+".join(str(one) for one in value)
    return f"{value:g}" if isinstance(value, float) else "-" if value is None else str(value)
