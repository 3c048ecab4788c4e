"""A record taken apart, as observers need it: what was asked for, and the numbers that came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nstbench.results.record import Record

__all__ = ["measures", "settings"]

_FIELDS = Record.__struct_fields__
_SETTINGS = tuple(name for name in _FIELDS[1 : _FIELDS.index("backend_version")] if name != "comparison")
_MEASURES = _FIELDS[_FIELDS.index("reason") + 1 : _FIELDS.index("attempt")]


def settings(record: Mapping[str, Any]) -> dict[str, str | float]:
    """Return what is known of a stored record before it runs: coordinates, losses, optimiser, pictures, device."""
    return {name: record[name] for name in _SETTINGS if record.get(name) is not None}


def measures(record: Mapping[str, Any]) -> dict[str, float]:
    """Return the numbers of a stored record by field, those that it has: losses, similarities, times, memory."""
    return {name: record[name] for name in _MEASURES if isinstance(record.get(name), int | float)}
