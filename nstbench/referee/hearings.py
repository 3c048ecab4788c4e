"""What is left for the judges to look at, worked out from the plan and the judgements there are."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from nstbench.errors import ImageError
from nstbench.execute.plan import Plan, PlannedCell, State
from nstbench.execute.sources import image_sha256
from nstbench.referee.choose import Judge
from nstbench.referee.identity import judge_identity, judgement_identity
from nstbench.results.scores import picture_sha256, read_scores

__all__ = ["Hearing", "identity_of", "to_judge", "upcoming"]


@dataclass(frozen=True, slots=True)
class Hearing:
    """A judge with the cells whose pictures it has not judged as they are now."""

    judge: Judge
    identity: str
    cells: tuple[PlannedCell, ...]


def upcoming(plan: Plan) -> list[Hearing]:
    """Return what a run of the plan would have judged, if every cell ended well."""
    waiting = {one.cell.id for one in plan.cells if one.runs}
    done = {one.cell.id for one in plan.cells if one.state is State.DONE}
    return to_judge(plan, waiting | done, waiting)


def to_judge(plan: Plan, cells: Collection[str], unseen: Collection[str] = ()) -> list[Hearing]:
    """Return what is left to judge of ``cells``; those that are ``unseen`` too, whatever was said of them before."""
    known = {(one.cell, one.judge): one for one in read_scores(plan.folder)} if not plan.options.fresh else {}
    asked = [one for one in plan.cells if one.cell.id in cells]
    images = {one.cell.id: picture_sha256(plan.folder, one.cell.id) for one in asked}

    def is_left(judge: Judge, identity: str, one: PlannedCell) -> bool:
        cell = one.cell.id
        before = known.get((cell, judge.label))
        return cell in unseen or before is None or before.identity != identity_of(plan, identity, one, images[cell])

    judges = [(judge, judge_identity(judge, plan.catalogue)) for judge in plan.judges]
    return [Hearing(*each, tuple(one for one in asked if is_left(*each, one))) for each in judges]


def identity_of(plan: Plan, judge: str, one: PlannedCell, image: str) -> str:
    """Return what a judgement depends on, as one hash; ``judge`` and ``image`` are the judge's and the picture's."""
    try:
        content, style = (_source_sha256(plan, role, one) for role in ("content", "style"))
    except ImageError:
        return ""  # its picture cannot be made again, nor can it be judged again
    return judgement_identity(judge, image, content, style, one.cell.image_size)


def _source_sha256(plan: Plan, role: str, one: PlannedCell) -> str:
    return image_sha256(plan.sources.image(role, getattr(one.cell, role)))
