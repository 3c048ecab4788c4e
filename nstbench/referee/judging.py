"""After the optimisation: every judge looks at every picture it has not judged yet, in workers of its own."""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from typing import Any

import msgspec

from nstbench.errors import MissingError, NstbenchError
from nstbench.execute.events import CellEnded
from nstbench.execute.jobs import JudgeCell, JudgeJob
from nstbench.execute.plan import Plan, PlannedCell
from nstbench.execute.prepare import prepare_pictures, write_pictures
from nstbench.execute.schedule import input_picture, threads_per_worker
from nstbench.execute.supervise import supervise
from nstbench.referee.choose import Judge
from nstbench.referee.hearings import Hearing, identity_of
from nstbench.results.scores import Score, append_score, picture_sha256, read_scores
from nstbench.weights.cache import canonicalise

__all__ = ["judge_pictures"]


def judge_pictures(plan: Plan, hearings: list[Hearing]) -> Generator[Score]:
    """Yield each new judgement once it is on disk; a judge that cannot judge gives an empty one, with the reason."""
    _restore_inputs(plan, [one for hearing in hearings for one in hearing.cells])
    known = {(one.cell, one.judge): one for one in read_scores(plan.folder)}
    with contextlib.closing(_judgements(plan, hearings)) as scores:
        for score in scores:
            # A judge that never can is not noted anew at every run.
            if known.get((score.cell, score.judge)) != score:
                append_score(plan.folder, score)
            yield score


def _judgements(plan: Plan, hearings: list[Hearing]) -> Generator[Score]:
    by_job: dict[str, Hearing] = {}
    jobs = []
    for hearing in hearings:
        job = _job(plan, hearing) if hearing.cells else ""
        if isinstance(job, JudgeJob):
            by_job[job.name] = hearing
            jobs.append(job)
        else:
            yield from (_empty(plan, hearing.judge, one.cell.id, job) for one in hearing.cells)
    timeout, workers = plan.suite.spec.timeout, plan.options.jobs
    events = supervise(jobs, plan.folder.logs.absolute(), workers=workers, timeout=timeout)
    with contextlib.closing(events):
        for done, event in events:
            if isinstance(event, CellEnded):
                yield _score(plan, by_job[done.name], event)


def _job(plan: Plan, hearing: Hearing) -> JudgeJob | str:
    """Return the job of a hearing, or why there is none."""
    judge = hearing.judge
    if judge.problem:
        return judge.problem
    path = ""
    if judge.weights is not None and judge.backbone is not None:
        try:
            path = str(canonicalise(judge.weights.located, judge.weights.info, judge.backbone.name)[0])
        except NstbenchError as error:
            return str(error)
    return JudgeJob(
        name=f"judge-{judge.label}" if judge.label else "judge",
        judge=judge.label,
        backend=judge.backend,
        backbone=judge.backbone,
        weights_path=path,
        metrics=judge.metrics,
        layers=judge.layers,
        content_layers=judge.content_layers,
        style_layers=judge.style_layers,
        device=judge.device,
        threads=threads_per_worker(plan),
        precision=judge.precision,
        cells=tuple(_judge_cell(plan, one) for one in hearing.cells),
    )


def _judge_cell(plan: Plan, one: PlannedCell) -> JudgeCell:
    image = str(plan.folder.image(one.cell.id).absolute())
    content, style = (input_picture(plan, role, one.cell) for role in ("content", "style"))
    return JudgeCell(id=one.cell.id, image=image, content=content, style=style)


def _score(plan: Plan, hearing: Hearing, event: CellEnded) -> Score:
    """Return what a worker, or its death, says of a picture."""
    judge, fields = hearing.judge, event.fields
    if "values" not in fields:
        return _empty(plan, judge, event.cell, str(fields.get("reason", "")))
    one = next(one for one in hearing.cells if one.cell.id == event.cell)
    identity = identity_of(plan, hearing.identity, one, str(fields["image_sha256"]))
    return msgspec.convert(_of_judge(judge) | fields | {"cell": event.cell, "identity": identity}, Score)


def _empty(plan: Plan, judge: Judge, cell: str, reason: str) -> Score:
    """Return a judgement that was not given; without an identity, so that the next run asks again."""
    fields = {
        "cell": cell,
        "image_sha256": picture_sha256(plan.folder, cell),
        "values": {metric.name: None for metric in judge.metrics},
        "reasons": {metric.name: reason for metric in judge.metrics},
    }
    return msgspec.convert(_of_judge(judge) | fields, Score)


def _of_judge(judge: Judge) -> dict[str, Any]:
    return {
        "judge": judge.label,
        "backbone": judge.backbone.name if judge.backbone else "",
        "backend": judge.backend.name if judge.backend else "",
        "weights": judge.weights_name,
    }


def _restore_inputs(plan: Plan, cells: list[PlannedCell]) -> None:
    """Write the content and style pictures that somebody removed since the cells ran."""
    gone = [one.cell for one in cells if not all(plan.folder.input(*key).is_file() for key in _inputs(one))]
    with contextlib.suppress(MissingError):  # the judge says so of the cells it concerns
        write_pictures(prepare_pictures(plan, gone), plan.folder)


def _inputs(one: PlannedCell) -> list[tuple[str, int]]:
    return [(one.cell.content, one.cell.image_size), (one.cell.style, one.cell.image_size)]
