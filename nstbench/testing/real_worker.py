"""One small cell through the runner's own worker process, for the conformance kit; no framework is imported here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nstbench.execute.events import CellEnded
from nstbench.execute.options import Options
from nstbench.execute.plan import make_plan
from nstbench.execute.prepare import convert_weights, prepare_pictures, write_pictures
from nstbench.execute.schedule import make_jobs
from nstbench.execute.supervise import supervise
from nstbench.plugin import Catalogue
from nstbench.plugin.descriptors import BackboneInfo
from nstbench.suite import parse_suite
from nstbench.testing.conformance_job import Answer

__all__ = ["run_for_real"]

STEPS = 10
TIMEOUT = 600


def run_for_real(
    info: BackboneInfo, weights: str, size: int, catalogue: Catalogue, folder: Path, weights_dir: Path | None
) -> Answer:
    """Run one cell of the backbone's defaults, ``size`` px, and return how it ended, with its peak of memory.

    Raises ``NstbenchError`` where a plan cannot be made or pictures and weights cannot be had.
    """
    suite = parse_suite(json.dumps(_suite(info, weights, size)), folder / "suite.yaml")
    options = Options(out=folder / "run", weights_dir=weights_dir, device="cpu")
    plan = make_plan(suite, options, catalogue)
    cells = [one for one in plan.cells if one.runs]
    if not cells:
        reason = "; ".join([one.reason for one in plan.cells if one.reason] or [*plan.missing])
        return Answer("worker", "fail", f"it cannot run: {reason}. `nstbench plan` says so of a suite, too.")
    plan.folder.create()
    write_pictures(prepare_pictures(plan, [one.cell for one in cells]), plan.folder)
    jobs = make_jobs(plan, cells, convert_weights(cells))
    ends = [
        event.fields
        for _, event in supervise(jobs, plan.folder.logs.absolute(), workers=1, timeout=TIMEOUT)
        if isinstance(event, CellEnded)
    ]
    return _answer(ends[0])


def _answer(fields: dict[str, Any]) -> Answer:
    if fields.get("status") != "ok":
        what = f"its worker ended with {fields.get('status')}: {fields.get('reason') or 'no reason'}"
        return Answer("worker", "fail", f"{what}. What works in one process must work in a fresh one: mend that.")
    memory = fields.get("peak_memory_mb")
    peak = f"{memory:.0f} MiB at most" if memory is not None else "memory not known"
    return Answer("worker", "pass", f"{STEPS} steps, {peak}, {fields.get('step_path') or 'step not described'}")


def _suite(info: BackboneInfo, weights: str, size: int) -> dict[str, Any]:
    return {
        "name": "conformance",
        "images": {
            "content": {"astronaut": "skimage:astronaut"},
            "style": {"immunohistochemistry": "skimage:immunohistochemistry"},
        },
        "image_size": size,
        "backends": [info.backend],
        "backbones": {"checked": {"backbone": info.name, "weights": weights}},
        "iterations": STEPS,
        "referee": "none",
    }
