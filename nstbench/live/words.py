"""Where a run stands, in words: for a terminal and for a page."""

from __future__ import annotations

from collections.abc import Mapping

from nstbench.live.state import Stage

__all__ = ["STAGES", "clock", "rate"]

STAGES: Mapping[Stage, str] = {
    Stage.PREPARING: "preparing",
    Stage.RUNNING: "running",
    Stage.JUDGING: "judging the pictures",
    Stage.REPORTING: "writing the report",
    Stage.FINISHED: "finished",
    Stage.INTERRUPTED: "interrupted",
}


def clock(seconds: float | None) -> str:
    """Return a length of time as ``1:02:03`` or ``2:03``; ``-:--`` where it is not known."""
    if seconds is None:
        return "-:--"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def rate(per_second: float | None) -> str:
    """Return a speed with its unit, empty where it is not known."""
    return f"{per_second:.3g} it/s" if per_second else ""
