"""Cells to jobs, and what layer sets share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

import nstbench
from nstbench.execute.jobs import Job
from nstbench.execute.plan import Plan
from nstbench.execute.schedule import make_jobs, threads_per_worker
from nstbench.execute.steps import Steps

FAKE = {"weights": "fake-weights", "content_layers": ["mix2"]}


def plan_of(lab: Any, layers: list[list[str]], **changes: Any) -> Plan:
    options = changes.pop("options", {})
    return nstbench.plan(lab.suite(layers, **changes), out=lab.folder().path, **options)


def jobs_of(plan: Plan, weights: dict[tuple[str, str], Path] | None = None) -> list[Job]:
    cells = [one for one in plan.cells if one.runs]
    known = {(one.cell.backbone, one.weights.info.name): Path("/w") for one in cells if one.weights}
    return make_jobs(plan, cells, weights or known)


def steps(plan: Plan) -> dict[str, tuple[str, ...]]:
    found = Steps.of(plan.grid, plan.catalogue.backbones)
    return {" ".join(cell.style_layers): found.layers(cell) for cell in plan.grid}


def test_sets_that_need_the_network_equally_deep_share_a_step(lab: Any) -> None:
    plan = plan_of(lab, [["mix1"], ["mix1", "mix2"], ["mix4"], ["mix3", "mix1"], ["mix3", "mix4"]])
    assert steps(plan) == {
        "mix1": ("mix1", "mix2"),  # the content layer is as deep as mix2
        "mix1 mix2": ("mix1", "mix2"),
        "mix4": ("mix3", "mix4"),
        "mix3 mix1": ("mix1", "mix3"),
        "mix3 mix4": ("mix3", "mix4"),
    }


def test_what_is_left_to_do_does_not_change_the_step(lab: Any) -> None:
    layers = [["mix1"], ["mix2"], ["mix4"], ["mix3", "mix4"]]
    whole = {one.id: one.step_layers for job in jobs_of(plan_of(lab, layers)) for one in job.cells}
    (job,) = jobs_of(plan_of(lab, layers, options={"only": "wave/*/3"}))
    assert {one.id: one.step_layers for one in job.cells}.items() <= whole.items()
    assert job.cells[0].step_layers == ("mix3", "mix4")


@pytest.mark.parametrize(
    "other",
    [
        {"loss": {"style": "gatys"}},
        {"loss": {"content": "sum"}},
        {"total_variation_weight": 0.1},
        {"content_layers": ["mix1", "mix2"]},
    ],
)
def test_other_formulas_are_other_steps(lab: Any, other: dict[str, Any]) -> None:
    networks = {
        "fakenet": FAKE | {"style_layers": [["mix4"]]},
        "other": FAKE | {"backbone": "fakenet", "style_layers": [["mix3", "mix4"]]} | other,
    }
    assert steps(plan_of(lab, [], backbones=networks)) == {"mix4": ("mix4",), "mix3 mix4": ("mix3", "mix4")}


def test_weights_of_the_losses_do_not_matter_to_the_step(lab: Any) -> None:
    networks = {
        "fakenet": FAKE | {"style_layers": [["mix4"]], "style_weight": [1, 2]},
        "other": FAKE | {"backbone": "fakenet", "style_layers": [["mix3", "mix4"]], "content_weight": 7},
    }
    assert set(steps(plan_of(lab, [], backbones=networks)).values()) == {("mix3", "mix4")}


def test_a_job_is_a_backend_a_backbone_and_its_weights(lab: Any) -> None:
    (lab.path / "own.json").write_text('{"seed": 1}')
    networks = {
        "fakenet": FAKE | {"style_layers": [["mix1"], ["mix2"]]},
        "load-noise": FAKE | {"style_layers": [["mix1"]]},
        "again": FAKE | {"backbone": "fakenet", "style_layers": [["mix3"]]},
        "own": FAKE | {"backbone": "fakenet", "style_layers": [["mix1"]], "weights": f"file:{lab.path}/own.json"},
    }
    plan = plan_of(lab, [], backbones=networks)
    jobs = jobs_of(plan)
    found = [(job.backbone.name, sorted({one.cell.label for one in job.cells}), len(job.cells)) for job in jobs]
    # Two style pictures each.
    assert found == [("fakenet", ["again", "fakenet"], 6), ("load-noise", ["load-noise"], 2), ("fakenet", ["own"], 2)]
    assert len({job.name for job in jobs}) == len(jobs)
    assert [one.id for one in jobs[0].cells] == [cell.id for cell in plan.grid if cell.label in ("fakenet", "again")], (
        "in the order of the grid"
    )


def test_jobs_with_files_of_one_name_do_not_share_theirs(lab: Any) -> None:
    networks = {}
    for folder in ("a", "b"):
        (lab.path / folder).mkdir()
        (lab.path / folder / "own.json").write_text('{"seed": 1}')
        weights = f"file:{lab.path}/{folder}/own.json"
        networks[folder] = FAKE | {"backbone": "fakenet", "style_layers": ["mix1"], "weights": weights}
    jobs = jobs_of(plan_of(lab, [], backbones=networks))
    assert len({job.name for job in jobs}) == len(jobs) == 2


def test_a_job_is_plain_data_with_absolute_paths(lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.suite()
    monkeypatch.chdir(lab.path)
    plan = nstbench.plan("suite.yaml", out=Path("run"))
    (job,) = jobs_of(plan)
    assert msgspec.json.decode(msgspec.json.encode(job), type=Job) == job
    for one in job.cells:
        for path in (one.folder, one.content.path, one.style.path):
            assert Path(path).is_absolute()
            assert Path(path).is_relative_to(lab.path / "run")
    assert job.losses.keys() == {"content:mean", "style:mean"}


def test_the_rest_of_a_job(lab: Any) -> None:
    (job,) = jobs_of(plan_of(lab, [["mix1"], ["mix2"]]))
    gone = {job.cells[0].id, job.cells[2].id}
    assert [one.id for one in job.without(gone).cells] == [job.cells[1].id, job.cells[3].id]
    assert job.without(one.id for one in job.cells).cells == ()


def test_every_framework_gets_the_same_number_of_threads(lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(6)), raising=False)
    assert threads_per_worker(plan_of(lab, [["mix1"]], threads=None)) == 6
    assert threads_per_worker(plan_of(lab, [["mix1"]], threads=None, options={"jobs": 4})) == 1
    assert threads_per_worker(plan_of(lab, [["mix1"]], threads=3, options={"jobs": 2})) == 3
    (job,) = jobs_of(plan_of(lab, [["mix1"]], threads=5))
    assert job.threads == 5
