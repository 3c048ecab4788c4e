from __future__ import annotations

import math

import pytest

from nstbench.execute.events import CellEnded, CellStarted, Computed, Event, Failed, Postponed, Progress, decode, encode


@pytest.mark.parametrize(
    "event",
    [
        CellStarted("a"),
        CellStarted("a", 120),
        CellStarted("a", 120, 16),
        Postponed("a", "out of memory"),
        Computed("a"),
        Progress("a", 3, 1.5e-300, None),
        CellEnded("a", {"status": "ok", "total": 0.1, "height": 3, "reason": "two\nlines \u2026"}),
        Failed("oom", "out of memory"),
    ],
)
def test_an_event_is_one_line_there_and_back(event: Event) -> None:
    line = encode(event)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert decode(line[:-1]) == event


def test_what_is_not_finite_is_nothing() -> None:
    assert decode(encode(Progress("a", 1, math.nan, math.inf))) == Progress("a", 1, None, None)


@pytest.mark.parametrize("line", [b"", b"hello", b'{"type": "end"}', b'{"type": "other"}', b"\xff\x00", b"[1, 2]"])
def test_what_somebody_else_wrote_is_no_event(line: bytes) -> None:
    assert decode(line) is None
