"""What ``live.json`` says. It is for watching only: results are in the records, and nothing is computed from it."""

from __future__ import annotations

from enum import StrEnum

import msgspec

__all__ = ["LIVE_SCHEMA", "LiveCell", "LiveRun", "Process", "Stage"]

LIVE_SCHEMA = 1


class Stage(StrEnum):
    """What a run is at. ``finished`` is a run that came to its end, whatever became of its cells."""

    PREPARING = "preparing"
    RUNNING = "running"
    JUDGING = "judging"
    REPORTING = "reporting"
    FINISHED = "finished"
    INTERRUPTED = "interrupted"

    @property
    def over(self) -> bool:
        """Whether nothing more is to come."""
        return self in (Stage.FINISHED, Stage.INTERRUPTED)


class Process(msgspec.Struct, frozen=True):
    """The process that runs it: its id on ``host``, and when it began (seconds since 1970), as ids are used again."""

    pid: int
    host: str
    began: float


class LiveCell(msgspec.Struct, frozen=True, kw_only=True):
    """A cell at work.

    ``backbone`` is the label in the suite, ``layers`` the style layers. ``iteration`` steps of ``iterations`` are
    taken; ``loss`` is the last total, ``per_second`` the steps a second of late. ``doing`` is ``optimising``,
    ``probing`` (run again from a start that is rounded otherwise) or ``writing`` its files. ``curve`` has (iteration,
    total), thinned out. ``snapshot`` is the iteration of the latest picture on the way, None if there is none.
    """

    id: str
    title: str
    content: str
    style: str
    backend: str
    backbone: str
    layer_set: str
    layers: tuple[str, ...]
    iteration: int
    iterations: int
    doing: str
    loss: float | None = None
    per_second: float | None = None
    seconds_left: float | None = None
    curve: tuple[tuple[int, float], ...] = ()
    snapshot: int | None = None


class LiveRun(msgspec.Struct, frozen=True, kw_only=True):
    """Where a run stands. Times are ISO 8601 in UTC; ``seconds_left`` is an estimate, None where there are no grounds.

    ``planned`` cells were to be run, ``done`` are over, ``failed`` of these not ``ok``; a referee has ``judged`` so
    many of ``to_judge`` pictures. ``share`` of the work of this stage is done, from 0 to 1.
    """

    schema: int = LIVE_SCHEMA
    process: Process
    started: str
    updated: str
    stage: Stage
    planned: int = 0
    done: int = 0
    failed: int = 0
    to_judge: int = 0
    judged: int = 0
    share: float = 0.0
    seconds_left: float | None = None
    running: tuple[LiveCell, ...] = ()
