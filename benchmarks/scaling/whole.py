"""A whole ``nstbench run`` of a grid, between two measurements of the steps of one of its cells alone."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any

from contest.process import Ended
from contest.roster import ROSTER
from contest.work import suite_text
from nstbench.results import RunFolder, read_records
from scaling.load import others_share
from scaling.measure import CALM, Laboratory, Steps
from scaling.points import Point

__all__ = ["grid_row"]

Row = dict[str, Any]
_PATIENCE_S = 900.0


def grid_row(laboratory: Laboratory, point: Point) -> Row:
    """Return the row of a grid. ``step_ms`` and ``start_s`` are of one cell alone, all else is the run's.

    ``evaluations`` counts the grid's steps: a cell of n iterations evaluates its last image, too.
    """
    row, alone = laboratory.columns(point), replace(point, cells=1)
    try:
        before = laboratory.calmest(alone, point.iterations)
        whole = _calmest(laboratory, point)
        after = laboratory.calmest(alone, point.iterations)
    except Ended as ended:
        return row | {"status": "failed", "reason": str(ended)}
    start_s = (before.start_s + after.start_s) / 2
    others = max(before.others, after.others, whole["others_share"])
    steps = Steps(start_s, before.seconds + after.seconds, whole["peak_memory_mb"], others, before.versions)
    found = laboratory.figures(alone, steps) | whole
    return row | found | {"others_share": others, "evaluations": point.cells * (point.iterations + 1)}


def _calmest(laboratory: Laboratory, point: Point) -> Row:
    found: list[Row] = []
    while len(found) < laboratory.attempts and not any(one["others_share"] < CALM for one in found):
        found.append(_run(laboratory, point))
        shown = (found[-1]["wall_s"], found[-1]["others_share"])
        laboratory.say("  whole run {:.1f} s, others had {:.0%} of the machine".format(*shown))
    return min(found, key=lambda one: one["others_share"])


def _run(laboratory: Laboratory, point: Point) -> Row:
    """Run a grid as a user does, without judging. Raises ``Ended`` if it or a cell of it fails."""
    with tempfile.TemporaryDirectory(prefix="nstbench-growth-") as name:
        folder = Path(name)
        suite, out = folder / "growth.yaml", folder / "run"
        setting = replace(laboratory.setting(point, folder), iterations=point.iterations)
        suite.write_text(suite_text(setting, "growth"), encoding="utf-8")
        command = [sys.executable, "-m", "nstbench", "run", str(suite), "--out", str(out), "--device", "cpu", "--quiet"]
        others, began = others_share(_children_s), monotonic()
        _wait(command, laboratory.pythons().environment(ROSTER[0]))
        wall_s, share = monotonic() - began, others()
        return {"wall_s": wall_s, "others_share": share} | _found(RunFolder(out), point)


def _wait(command: list[str], environment: dict[str, str]) -> None:
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=_PATIENCE_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise Ended(f"no end within {_PATIENCE_S:.0f} s") from error
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise Ended(f"ended with code {done.returncode}: {lines[-1] if lines else ''}")


def _found(run: RunFolder, point: Point) -> Row:
    records = read_records(run)
    ok = [record for record in records if record.status == "ok"]
    if len(ok) != point.cells:
        raise Ended(f"{len(ok)} of {point.cells} cells ok")
    files = [path.stat().st_size for path in run.path.rglob("*") if path.is_file()]
    return {
        "optimise_s": sum(record.optimise_s or 0.0 for record in ok),
        "peak_memory_mb": max((record.peak_memory_mb or 0.0 for record in ok), default=None),
        "folder_mb": sum(files) / 2**20,
    }


def _children_s() -> float:
    """Return the processor time of all children that have ended, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
