"""Where a run stands, by what its workers tell."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nstbench.execute.events import CellEnded, CellStarted, Computed, Postponed, Probing, Progress
from nstbench.execute.plan import Plan
from nstbench.live.standing import Standing
from nstbench.live.state import Stage

MakePlan = Callable[..., Plan]


@pytest.fixture
def standing(plan: MakePlan) -> Standing:
    made = Standing()
    made.begin(plan())
    return made


@pytest.fixture
def cell(plan: MakePlan) -> str:
    return plan().cells[0].cell.id


def test_a_cell_from_its_start_to_its_end(standing: Standing, cell: str) -> None:
    assert (standing.stage, standing.planned, standing.running) == (Stage.RUNNING, 6, {})
    standing.event(CellStarted(cell))
    for done in range(1, 5):
        standing.event(Progress(cell, done, 8.0 / done, 2.0))
    state = standing.running[cell].state()
    assert (state.backend, state.backbone, state.layer_set, state.layers) == ("torch", "vgg19", "1", ("block1_conv1",))
    assert (state.content, state.style, state.title) == ("a", "b", "a/b/vgg19/torch/random:0/1")
    assert (state.iteration, state.iterations, state.loss, state.doing) == (4, 9, 2.0, "optimising")
    assert (state.per_second, state.seconds_left) == (pytest.approx(2.0), pytest.approx(2.5))
    assert state.curve == ((0, 8.0), (1, 4.0), (2, 8.0 / 3), (3, 2.0))  # the loss before a step is that after the last
    assert state.snapshot is None
    standing.event(Probing(cell))
    assert standing.running[cell].doing == "probing"
    standing.event(Computed(cell))
    assert standing.running[cell].doing == "writing"
    standing.event(CellEnded(cell, {}))
    assert standing.running == {} and 0 < standing.share < 1


def test_a_batch_is_as_fast_as_all_its_cells(standing: Standing, plan: MakePlan) -> None:
    cells = [one.cell.id for one in plan().cells if one.cell.backbone == "vgg19"]
    alone = Standing()
    alone.begin(plan())
    for one, batch in ((standing, 2), (alone, 1)):
        for cell in cells[:batch]:
            one.event(CellStarted(cell, batch=batch))
        for done in range(1, 10):
            for cell in cells[:batch]:
                one.event(Progress(cell, done, 1.0, 2.0))
    ends = {id(one): one.seconds_left() for one in (standing, alone)}
    assert ends[id(standing)] is not None and ends[id(alone)] is not None
    assert ends[id(standing)] < ends[id(alone)] * 0.75


def test_one_that_is_out_of_its_batch_starts_again_from_nothing(standing: Standing, cell: str) -> None:
    standing.event(CellStarted(cell, batch=2))
    standing.event(Progress(cell, 3, 1.0, 2.0))
    standing.event(Postponed(cell, "out of memory"))
    assert standing.running == {} and standing.share == pytest.approx(0.0)
    standing.event(Progress(cell, 4, 1.0, 2.0))  # said by a dying worker
    standing.event(CellStarted(cell))
    assert standing.running[cell].done == 0 and standing.running[cell].curve.points() == ()


def test_snapshots_are_told_of_once_they_are_there(plan: MakePlan, cell: str) -> None:
    from .conftest import SUITE

    standing = Standing()
    standing.begin(plan(SUITE + "snapshots: 4\n"))
    standing.event(CellStarted(cell))
    seen = []
    for done in (1, 3, 4, 7, 9):
        standing.event(Progress(cell, done, 1.0, 1.0))
        seen.append(standing.running[cell].state().snapshot)
    assert seen == [0, 0, 4, 4, 8]


def test_judges_come_after_the_cells(standing: Standing) -> None:
    standing.judging(4)
    standing.judging(2)
    assert (standing.stage, standing.share, standing.seconds_left()) == (Stage.JUDGING, 0, None)
    standing.judged += 3
    assert standing.share == 0.5
