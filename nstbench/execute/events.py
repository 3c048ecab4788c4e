"""What a worker tells its parent: one JSON object per line."""

from __future__ import annotations

from typing import Any

import msgspec

__all__ = ["CellEnded", "CellStarted", "Event", "Failed", "Probing", "Progress", "decode", "encode"]


class CellStarted(msgspec.Struct, frozen=True, tag="start"):
    """Work on a cell has begun; from here its timeout counts, and its part of the log begins at byte ``log``."""

    cell: str
    log: int = 0


class Progress(msgspec.Struct, frozen=True, tag="progress"):
    """The cell has taken ``done`` steps; ``loss`` is the last total, ``per_second`` the steps a second."""

    cell: str
    done: int
    loss: float | None
    per_second: float | None


class Probing(msgspec.Struct, frozen=True, tag="probing"):
    """The cell is done but for another run, from a start image rounded otherwise; its timeout counts anew."""

    cell: str


class CellEnded(msgspec.Struct, frozen=True, tag="end"):
    """A cell is over, its files are written; ``fields`` are those of its ``Record`` that the worker knows."""

    cell: str
    fields: dict[str, Any]


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """The job could not begin (device, weights, network): no cell of it can run."""

    status: str
    reason: str


Event = CellStarted | Progress | Probing | CellEnded | Failed

_DECODER: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


def encode(event: Event) -> bytes:
    """Return the event as one line."""
    return msgspec.json.encode(event) + b"\n"


def decode(line: bytes) -> Event | None:
    """Return the event in a line, None if there is none (a library wrote to our pipe)."""
    try:
        return _DECODER.decode(line)
    except msgspec.DecodeError:
        return None
