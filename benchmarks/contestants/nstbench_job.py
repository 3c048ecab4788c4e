"""nstbench itself: its worker's own workshop on its own job file, paced by the progress it reports after each block."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from contestants.gate import Gate, peak_memory_mb
from nstbench.execute.attempt import attempt_all
from nstbench.execute.events import CellEnded, Event, Postponed, Progress
from nstbench.execute.jobs import Job, StyliseJob
from nstbench.execute.workshop import Workshop

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["play"]


def play(gate: Gate, name: str) -> None:
    """Run the only batch of the job ``backend/precision``, as ``nstbench.execute.worker`` does."""
    if name not in gate.work.jobs:
        raise RuntimeError(f"nstbench has no job {name}: its framework is not installed")
    job = msgspec.json.decode(Path(gate.work.jobs[name]).read_bytes(), type=Job)
    if not isinstance(job, StyliseJob):
        raise TypeError("this is no job of optimisation")
    workshop = Workshop.open(job)
    gate.earlier_peak_mb = peak_memory_mb()  # the workshop has the kernel forget it when a cell begins
    done = 0

    def watch(event: Event) -> None:
        nonlocal done
        if isinstance(event, Progress) and event.cell == job.cells[0].id:  # one of a batch speaks for all
            total, before, done = event.loss, done, event.done
            gate.passed(lambda: float("nan") if total is None else total, _gradient(workshop, gate), done - before)
        elif isinstance(event, Postponed):
            raise RuntimeError(f"the batch cannot be run: {event.reason}")
        elif isinstance(event, CellEnded):
            raise RuntimeError(f"the cell ended: {event.fields.get('status')} {event.fields.get('reason')}")

    attempt_all(workshop, watch)


def _gradient(workshop: Workshop, gate: Gate) -> Callable[[], Any]:
    """Return what works out the gradient at the start image, by the session that backends offer."""

    def gradient() -> NDArray[np.float64]:
        import numpy as np

        from nstbench.images.decode import decode
        from nstbench.transfer.losses import content_mean, style_mean
        from nstbench.transfer.objective import Objective, TermWeights

        work, backend = gate.work, workshop.backend
        objective = Objective((work.content_layer,), work.style_layers, content_mean, style_mean)
        extractor = backend.open(workshop.job.backbone, workshop.whole_weights(), work.layers)
        session = backend.session(extractor, objective)
        content, style = (decode(Path(path))[None].astype(np.float32) for path in (work.content, work.style))
        weights = TermWeights((work.content_layer,), work.style_layers, work.content_weight, work.style_weight)
        table = objective.weight_table([weights])
        found = session.value_and_gradient(content, session.targets(content, style), table)[1]
        return np.asarray(found[0], dtype=np.float64)

    return gradient
