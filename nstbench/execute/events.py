"""What a worker tells its parent: one JSON object per line."""

from __future__ import annotations

import os
from typing import Any

import msgspec

__all__ = [
    "CellEnded",
    "CellStarted",
    "Computed",
    "Event",
    "Failed",
    "Postponed",
    "Probing",
    "Progress",
    "decode",
    "encode",
    "started",
]


class CellStarted(msgspec.Struct, frozen=True, tag="start"):
    """Work on a cell has begun, together with the others of a batch of ``batch`` cells.

    From here its timeout counts, and its part of the log begins at byte ``log``.
    """

    cell: str
    log: int = 0
    batch: int = 1


class Progress(msgspec.Struct, frozen=True, tag="progress"):
    """The cell has taken ``done`` steps; ``loss`` is the last total, ``per_second`` the steps a second."""

    cell: str
    done: int
    loss: float | None
    per_second: float | None


class Probing(msgspec.Struct, frozen=True, tag="probing"):
    """The cell is done but for another run, from a start image rounded otherwise; its timeout counts anew."""

    cell: str


class Postponed(msgspec.Struct, frozen=True, tag="postponed"):
    """The cell's batch cannot be run, for this reason: the cell starts again later, alone."""

    cell: str
    reason: str


class Computed(msgspec.Struct, frozen=True, tag="computed"):
    """The cell is computed; its files are being written while others are computed. Its timeout counts anew."""

    cell: str


class CellEnded(msgspec.Struct, frozen=True, tag="end"):
    """A cell is over, its files are written; ``fields`` are those of its ``Record`` that the worker knows."""

    cell: str
    fields: dict[str, Any]


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """The job could not begin (device, weights, network): no cell of it can run."""

    status: str
    reason: str


Event = CellStarted | Progress | Probing | Postponed | Computed | CellEnded | Failed

_DECODER: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


def started(cell: str, batch: int = 1) -> CellStarted:
    """Return the start of a cell in this process, whose log is its standard error."""
    return CellStarted(cell, os.fstat(2).st_size, batch)


def encode(event: Event) -> bytes:
    """Return the event as one line."""
    return msgspec.json.encode(event) + b"\n"


def decode(line: bytes) -> Event | None:
    """Return the event in a line, None if there is none (a library wrote to our pipe)."""
    try:
        return _DECODER.decode(line)
    except msgspec.DecodeError:
        return None
