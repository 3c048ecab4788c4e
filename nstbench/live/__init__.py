"""Where a run stands while it goes: followed by what runs it, written to ``live.json``, read by whoever watches."""

from __future__ import annotations

from nstbench.live.reading import read_live
from nstbench.live.state import LIVE_SCHEMA, LiveCell, LiveRun, Process, Stage

__all__ = ["LIVE_SCHEMA", "LiveCell", "LiveRun", "Process", "Stage", "read_live"]
