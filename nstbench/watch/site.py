"""What is at each address of the page."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from importlib.resources import files
from math import inf
from time import monotonic
from typing import Any

import msgspec
from jinja2 import Environment

from nstbench.live import LiveRun
from nstbench.live.words import STAGES, clock, rate
from nstbench.pages import environment, matrices
from nstbench.pages.environment import script, style
from nstbench.results import RunFolder
from nstbench.watch.pictures import Pictures
from nstbench.watch.readings import Reading, Readings, running_curves
from nstbench.watch.server import Answer

__all__ = ["Site"]

_WIDEST = 224
_PARTS = ("progress", "pictures", "failures")


@dataclass(slots=True)
class Site:
    """The pages of one run. ``asked`` is when the page last asked what is new, ``told`` that it heard of the end."""

    folder: RunFolder
    asked: float = field(default=-inf, init=False)
    told: bool = field(default=False, init=False)
    _readings: Readings = field(init=False)
    _pictures: Pictures = field(init=False)
    _templates: Environment = field(default_factory=lambda: environment("nstbench.watch"))
    _made: tuple[Reading | None, dict[str, str]] = field(default=(None, {}), init=False)

    def __post_init__(self) -> None:
        self._readings, self._pictures = Readings(self.folder), Pictures(self.folder.path)

    def __call__(self, path: str) -> Answer | None:
        """Return what is at a path below the token, None if there is nothing. Raises ``RunError`` as reading does."""
        first, _, rest = path.partition("/")
        if first in ("file", "small"):
            return (self._pictures.whole if first == "file" else self._pictures.small)(rest)
        make = self._pages().get(path)
        return None if make is None else make()

    def _pages(self) -> dict[str, Callable[[], Answer]]:
        return {
            "": self._page,
            "state.json": self._state,
            "curves.json": lambda: _json(self._readings.latest().curves),
            **{f"{part}.html": partial(self._part, part) for part in _PARTS},
            "page.css": lambda: Answer("text/css; charset=utf-8", style("page.css").encode()),
            "curves.js": lambda: Answer("text/javascript; charset=utf-8", script("curves.js").encode()),
            "watch.css": lambda: Answer("text/css; charset=utf-8", _own("watch.css")),
            "watch.js": lambda: Answer("text/javascript; charset=utf-8", _own("watch.js")),
        }

    def _page(self) -> Answer:
        reading, live = self._readings.latest(), self._readings.live()
        running = running_curves(live.running) if live else []
        parts = {part: self._html(part) for part in _PARTS}
        return _html("watch.html.j2", self._templates, run=reading.manifest, live=live, parts=parts, curves=running)

    def _state(self) -> Answer:
        """Return which parts there are now, by what they hold, and the curves of what runs, which always change."""
        live = self._readings.live()
        over = live is None or live.stage.over
        self.asked, self.told = monotonic(), over
        parts = {part: _digest(self._html(part).encode()) for part in _PARTS}
        parts["curves"] = _digest(msgspec.json.encode(self._readings.latest().curves))
        running = running_curves(live.running) if live else []
        return _json({"over": over, "parts": parts, "running": running})

    def _part(self, part: str) -> Answer:
        return Answer("text/html; charset=utf-8", self._html(part).encode())

    def _html(self, part: str) -> str:
        """Return a part of the page; all but the progress is made once for each state of the records."""
        reading = self._readings.latest()
        if part == "progress":
            return self._render(part, self._progress(reading))
        if self._made[0] is not reading:
            self._made = (reading, {})
        made = self._made[1]
        if part not in made:
            made[part] = self._render(part, self._results(reading, part))
        return made[part]

    def _render(self, part: str, facts: dict[str, Any]) -> str:
        return self._templates.get_template(f"_{part}.html.j2").render(**facts)

    def _results(self, reading: Reading, part: str) -> dict[str, Any]:
        if part == "failures":
            return {"failures": reading.failures}
        return {"matrices": matrices(reading.grid, self.folder, self._pictures), "widest": _WIDEST}

    def _progress(self, reading: Reading) -> dict[str, Any]:
        live = self._readings.live()
        page = self.folder.path.resolve() / "report.html"
        counts = {"cells": len(reading.manifest.cells), "recorded": len(reading.grid.records)}
        facts = {"live": live, "report": page if page.is_file() else None}
        return facts | counts | {"stages": STAGES, "clock": clock, "rate": rate, "snapshots": self._snapshots(live)}

    def _snapshots(self, live: LiveRun | None) -> dict[str, Any]:
        """Return the latest picture of each running cell that has one."""
        cells = live.running if live else ()
        found = {
            cell.id: self._pictures(self.folder.snapshot(cell.id, cell.snapshot))
            for cell in cells
            if cell.snapshot is not None
        }
        return {cell: picture for cell, picture in found.items() if picture is not None}


def _html(name: str, templates: Environment, **facts: Any) -> Answer:
    return Answer("text/html; charset=utf-8", templates.get_template(name).render(**facts).encode())


def _json(value: Any) -> Answer:
    return Answer("application/json", msgspec.json.encode(value))


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def _own(name: str) -> bytes:
    return (files("nstbench.watch") / "static" / name).read_bytes()
