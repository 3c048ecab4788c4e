"""What one cell leaves behind: images, trace, and the fields of its record."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from nstbench.execute.jobs import JobCell
from nstbench.files import write_text
from nstbench.images.write import save_png, to_uint8
from nstbench.measure import course
from nstbench.measure.similarity import ssim, ssim_style
from nstbench.results.record import Status
from nstbench.suite import without_folder
from nstbench.transfer.objective import Objective, TermWeights
from nstbench.transfer.problem import Diverged, Outcome

__all__ = ["write_outputs"]

Pixels = NDArray[np.uint8]


def write_outputs(
    one: JobCell,
    objective: Objective,
    terms: TermWeights,
    outcome: Outcome | Diverged,
    start: NDArray[np.float32],
    content: Pixels,
    style: Pixels,
) -> dict[str, Any]:
    """Write trace and images into the cell's folder and return what the record says of them; images are (H, W, 3)."""
    folder = Path(one.folder)
    write_text(folder / "trace.csv", _trace(objective, terms, outcome.losses))
    fields: dict[str, Any] = {"height": content.shape[0], "width": content.shape[1]}
    if isinstance(outcome, Diverged):
        return fields | {
            "status": Status.DIVERGED,
            "reason": str(outcome),
            "iterations_done": outcome.iteration,
            "initial_total": _finite(outcome.losses[0, 0]),
        }
    settings = msgspec.to_builtins(one.cell) | {"cell": one.id}
    settings["init"] = without_folder(one.cell.init)
    settings["weights"] = [without_folder(name) for name in one.cell.weights]
    settings |= {"content_sha256": one.content.sha256, "style_sha256": one.style.sha256}
    save_png(outcome.image, folder / "image.png", settings)
    save_png(outcome.best_image, folder / "image_best.png", settings | {"best_iteration": outcome.best_iteration})
    result = to_uint8(outcome.image)
    fields |= _losses(objective, terms, outcome) | _course(outcome, start, content)
    return fields | _similarities(result, content, style)


def _losses(objective: Objective, terms: TermWeights, outcome: Outcome) -> dict[str, Any]:
    totals, last = outcome.losses[:, 0].tolist(), outcome.losses[-1].tolist()
    shares = objective.layer_weights(terms)
    styles, contents = len(objective.style_layers), len(objective.content_layers)
    raw = outcome.losses[-1, 3:]
    return {
        "status": Status.OK,
        "reason": outcome.message,
        "total": last[0],
        "style_weighted": last[1],
        "content_weighted": last[2],
        "total_variation": last[-1] if objective.total_variation else None,
        "style_raw": float(shares[:styles] @ raw[:styles]),
        "content_raw": float(shares[styles : styles + contents] @ raw[styles : styles + contents]),
        "best_total": totals[outcome.best_iteration],
        "best_iteration": outcome.best_iteration,
        "initial_total": totals[0],
        "relative_total": last[0] / totals[0] if totals[0] else None,
        "iterations_done": len(outcome.losses) - 1,
        "evaluations": outcome.evaluations,
    }


def _course(outcome: Outcome, start: NDArray[np.float32], content: Pixels) -> dict[str, Any]:
    totals = outcome.losses[:, 0].tolist()
    return {
        "peak_total": max(totals),
        "late_fall": course.late_fall(totals),
        "moved": course.moved(outcome.image, start),
        "clipped": course.clipped(outcome.image, content, start),
    }


def _similarities(result: Pixels, content: Pixels, style: Pixels) -> dict[str, Any]:
    to_content, reason = ssim(result, content)
    to_style, _ = ssim_style(result, style)
    fields: dict[str, Any] = {"ssim_content": to_content, "ssim_style": to_style}
    return fields | {"reason": reason} if reason else fields


def _trace(objective: Objective, terms: TermWeights, losses: NDArray[np.float64]) -> str:
    """Return ``trace.csv``: row i are the losses of the image after i steps; layers outside the cell's set left out."""
    used = [f"style:{layer}" for layer in terms.style_layers] + [f"content:{layer}" for layer in terms.content_layers]
    columns = ["total", "style", "content", *used, *(["total_variation"] if objective.total_variation else [])]
    table = losses[:, [objective.columns.index(name) for name in columns]]
    rows = [",".join([str(i), *(repr(float(value)) for value in row)]) for i, row in enumerate(table)]
    return "\n".join([",".join(["iteration", *columns]), *rows]) + "\n"


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
