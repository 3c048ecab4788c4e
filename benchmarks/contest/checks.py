"""Is it the same work? Losses at the start and after some steps, the first gradient, and the convolutions of a step."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from contest.process import Ended
from contest.roster import REFERENCE
from contest.rounds import Contest
from contest.work import CHECK

__all__ = ["STEPS", "Check", "check"]

STEPS = 8
"""Evaluations before the last loss is read: the content term counts by then (at the start it is 0)."""


@dataclass(slots=True)
class Check:
    """One contestant's answers. ``cosine`` is between its first gradient and nstbench-torch's.

    ``passes`` counts how often the image goes through the network in one step, ``forward`` and ``backward`` the calls
    of convolutions; None where they cannot be counted.
    """

    first_total: float
    last_total: float
    passes: int | None
    forward: int | None
    backward: int | None
    cosine: float | None = None


def check(contest: Contest) -> dict[str, Check]:
    """Ask every contestant, in processes that are timed by nobody; who cannot run ends in ``contest.failed``."""
    found: dict[str, Check] = {}
    gradients: dict[str, NDArray[np.float64]] = {}
    for one in contest.contestants:
        contest.say(f"check {one.name}")
        try:
            process = contest.launch(one, contest.work.parent / CHECK)
        except Ended as ended:
            contest.failed[one.name] = str(ended)
            continue
        try:
            counted = process.ask("count")
            process.ask(f"run {STEPS - 2}")
            counts = {name: counted[name] for name in ("passes", "forward", "backward")}
            found[one.name] = Check(process.first["total"], process.ask("loss")["total"], **counts)
            gradients[one.name] = _gradient(contest.work.parent, process.popen.pid)
        except Ended as ended:
            contest.failed[one.name] = str(ended)
        finally:
            process.end()
    for name, answer in found.items():
        if REFERENCE in gradients:
            answer.cosine = _cosine(gradients[name], gradients[REFERENCE])
    return found


def _gradient(folder: Path, pid: int) -> NDArray[np.float64]:
    gradient: NDArray[np.float64] = np.load(folder / f"gradient-{pid}.npy")
    return gradient


def _cosine(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    return float(np.vdot(a, b) / (np.linalg.norm(a) * np.linalg.norm(b)))
