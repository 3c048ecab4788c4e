"""The time left is the forecast, put right by what was measured."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nstbench.execute.estimate import START_S, forecasts
from nstbench.execute.plan import Plan
from nstbench.live.pace import Pace

MakePlan = Callable[..., Plan]


def test_without_grounds_nothing_is_said(plan: MakePlan) -> None:
    assert Pace.of(plan()).seconds_left() is None


def test_a_measured_network_speaks_for_its_own_cells_and_for_the_others_until_they_are_measured(plan: MakePlan) -> None:
    made = plan()
    pace, forecast = Pace.of(made), {cell: one.seconds for cell, one in forecasts(made).items()}
    vgg = [one.cell.id for one in made.cells if one.cell.backbone == "vgg19"]
    resnet = [one.cell.id for one in made.cells if one.cell.backbone == "resnet50"]
    pace.reach(vgg[0], 0.5)
    pace.measure(vgg[0], 0.5, 3 * 0.5 * forecast[vgg[0]])  # three times as slow as forecast
    vgg_left = 3 * (sum(forecast[cell] for cell in vgg) - 0.5 * forecast[vgg[0]])
    resnet_left = sum(forecast[cell] for cell in resnet)
    assert pace.seconds_left() == pytest.approx(vgg_left + 3 * resnet_left + START_S)
    pace.reach(resnet[0], 1.0)
    pace.measure(resnet[0], 1.0, 10 * forecast[resnet[0]])
    assert pace.seconds_left() == pytest.approx(vgg_left + 10 * (resnet_left - forecast[resnet[0]]))


def test_what_begins_again_is_to_be_done_again(plan: MakePlan) -> None:
    made = plan()
    pace, cell = Pace.of(made), made.cells[0].cell.id
    pace.measure(cell, 0.5, 7.0)
    before = pace.seconds_left()
    pace.reach(cell, 0.5)
    assert before is not None
    half = pace.seconds_left()
    assert half is not None and half < before
    pace.reach(cell, 0.0)
    assert pace.seconds_left() == pytest.approx(before - START_S)  # its worker is there


def test_workers_share_jobs_and_no_more_work_than_there_are(plan: MakePlan) -> None:
    one, many = Pace.of(plan()), Pace.of(plan(jobs=16))
    for pace in (one, many):
        pace.measure(plan().cells[0].cell.id, 0.5, 7.0)
    alone, together = one.seconds_left(), many.seconds_left()
    assert alone is not None and together == pytest.approx(alone / 2)  # a job for each backbone


def test_a_step_of_a_large_network_is_more_of_the_work(plan: MakePlan) -> None:
    made = plan()
    pace = Pace.of(made)
    assert pace.share == pytest.approx(0, abs=1e-9)
    shares: dict[str, list[float]] = {"block1_conv1": [], "block5_conv1": [], "conv2_block2_2_bn": []}
    for one in made.cells:
        before = pace.share
        pace.reach(one.cell.id, 1.0)
        shares[one.cell.style_layers[-1]].append(pace.share - before)
    assert min(shares["block5_conv1"]) > 5 * max(shares["block1_conv1"])
    assert pace.share == pytest.approx(1.0)
    pace.measure(made.cells[0].cell.id, 1.0, 1.0)
    assert pace.seconds_left() == 0
