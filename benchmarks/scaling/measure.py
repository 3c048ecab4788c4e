"""One point: nstbench's own worker in a process of its own, paced by the gate that all contestants pass."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from contest.process import Ended, Process
from contest.roster import OURS, ROSTER, Pythons
from contest.rounds import Contest
from contest.rows import interval, machine
from contest.work import WORK, Setting, prepare
from nstbench.measure.statistics import median_interval
from scaling.load import others_share
from scaling.points import Point

__all__ = ["CALM", "Laboratory", "Steps"]

Row = dict[str, Any]
CALM = 0.10
"""More than this share of the machine to others, and a point is measured again."""


@dataclass(frozen=True, slots=True)
class Steps:
    """What one process did: its start and iterations in seconds, its peak in MiB, the share others had meanwhile."""

    start_s: float
    seconds: list[float]
    peak_memory_mb: float | None
    others: float
    versions: str


@dataclass(slots=True)
class Laboratory:
    """``limit_s`` is the longest that a point may take by what is known of smaller ones."""

    backend: str
    threads: int
    limit_s: float
    attempts: int
    say: Callable[[str], None]

    def row(self, point: Point, before: Sequence[Row]) -> Row:
        """Measure a point, or say why not; ``before`` are rows that were measured already."""
        row = self.columns(point)
        if reason := self._too_much(point, before):
            return row | {"status": "skipped", "reason": reason}
        try:
            return row | self.figures(point, self.calmest(point, point.iterations))
        except Ended as ended:
            return row | {"status": "failed", "reason": str(ended)}

    def calmest(self, point: Point, iterations: int) -> Steps:
        """Measure until the machine is calm, at most ``attempts`` times; return the attempt with least disturbance."""
        found: list[Steps] = []
        while len(found) < self.attempts and not any(one.others < CALM for one in found):
            found.append(self.steps(point, iterations))
            self.say(f"  {1000 * min(found[-1].seconds):.0f} ms, others had {found[-1].others:.0%} of the machine")
        return min(found, key=lambda one: one.others)

    def steps(self, point: Point, iterations: int) -> Steps:
        """Start a worker and let it run. Raises ``Ended`` with the reason if it cannot."""
        contestant = next(one for one in ROSTER if one.name == OURS[self.backend])
        with tempfile.TemporaryDirectory(prefix="nstbench-growth-") as name:
            folder = Path(name)
            prepare(self.setting(point, folder), folder)
            contest = Contest([contestant], self.pythons(), folder / WORK, self.say)
            process = contest.launch(contestant, folder / WORK)
            try:
                return _steps(process, iterations)
            finally:
                process.end()

    def setting(self, point: Point, folder: Path) -> Setting:
        """Return what the worker is asked for, its picture put in ``folder``; a batch is a grid of as many cells."""
        content = enlarged(point.size, folder / "content-picture.png")
        return Setting(
            point.size,
            self.threads,
            content=str(content),
            layers=point.layers,
            cells=max(point.batch, point.cells),
            batch=point.batch,
            backends=(self.backend,),
            precisions=("float32",),
        )

    def pythons(self) -> Pythons:
        """Return the interpreter of the workers: this one."""
        return Pythons(self.threads, None, {})

    def figures(self, point: Point, steps: Steps) -> Row:
        """Return the columns that hold what was measured."""
        found = interval("step_ms", median_interval(steps.seconds), 1000.0)
        return {
            "status": "ok",
            "reason": "",
            "versions": steps.versions,
            **found,
            "start_s": steps.start_s,
            "peak_memory_mb": steps.peak_memory_mb,
            "gflop": point.gflop,
            "gflops": 1000 * point.gflop / found["step_ms"],
            "others_share": steps.others,
        }

    def columns(self, point: Point) -> Row:
        """Return the columns that say what is measured, where."""
        return machine() | {
            "backend": self.backend,
            "threads": self.threads,
            "axis": point.axis,
            "value": point.value,
            "size": point.size,
            "layers": point.layers,
            "batch": point.batch,
            "cells": point.cells,
            "iterations": point.iterations,
        }

    def _too_much(self, point: Point, before: Sequence[Row]) -> str:
        """Judge by the largest smaller point: time and memory grow with the arithmetic, at most."""
        smaller = [row for row in before if row["status"] == "ok" and self._smaller(row, point)]
        if not smaller:
            return ""
        last = max(smaller, key=lambda row: int(row["value"]))
        times = point.gflop / float(last["gflop"])
        seconds = times * float(last["step_ms"]) / 1000 * (point.iterations + 2)  # the first step, and the targets
        memory, free = times * float(last["peak_memory_mb"]), psutil.virtual_memory().available / 2**20
        if seconds > self.limit_s:
            return f"would take about {seconds:.0f} s; {self.limit_s:.0f} s were allowed"
        return f"may need {memory:.0f} MiB; {free:.0f} MiB were free" if memory > free else ""

    def _smaller(self, row: Row, point: Point) -> bool:
        mine = (machine()["machine"], str(self.threads), self.backend, point.axis)
        theirs = tuple(str(row[name]) for name in ("machine", "threads", "backend", "axis"))
        return theirs == mine and int(row["value"]) < point.value


def enlarged(size: int, path: Path) -> Path:
    """Write the quickstart's content picture at ``size`` x ``size`` px, which nstbench itself never enlarges."""
    from PIL import Image
    from skimage.data import astronaut

    Image.fromarray(astronaut()).resize((size, size), Image.Resampling.LANCZOS).save(path)
    return path


def _steps(process: Process, iterations: int) -> Steps:
    process.ask("run 1")  # the first after a start is slower
    others = others_share(process.cpu_s)
    seconds = process.ask(f"run {iterations}")["seconds"]
    versions = process.first.get("versions", {}).items()
    named = " ".join(f"{name}={version}" for name, version in versions)
    return Steps(process.start_s, seconds, process.cell_memory_mb(), others(), named)
