"""Some of the cells, several workers, stopping early, and steps that layer sets share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nstbench.results import read_records

ONE = {"content": {"photo": "photo.png"}, "style": {"wave": "wave.png"}}
DEEP = [["mix1", "mix4"], ["mix4"], ["mix2", "mix3", "mix4"], ["mix1"]]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, new_lab: Any) -> Any:
    """A run of everything at once."""
    made = new_lab(tmp_path_factory.mktemp("whole"))
    made.suite()
    assert made.run()[0] == 0
    return made


def test_only_runs_the_chosen_cells_and_a_later_run_the_rest(lab: Any, whole: Any) -> None:
    lab.suite()
    # The last cell of the grid first: the table is in the order of the grid, whatever ran when.
    code, errors = lab.run("--only", "wave/*/2")
    assert (code, "1 cells: 1 new" in errors) == (0, True), errors
    assert [(row["style"], row["layer_set"]) for row in lab.rows()] == [("wave", "2")]
    assert lab.run("--only", "*/1")[0] == 0
    assert [(row["style"], row["layer_set"]) for row in lab.rows()] == [("print", "1"), ("wave", "1"), ("wave", "2")]
    assert lab.run()[0] == 0
    assert lab.stable() == whole.stable()
    assert {row["attempt"] for row in lab.rows()} == {"1"}


def test_exit_code_is_that_of_the_chosen_cells(lab: Any) -> None:
    lab.suite([["mix1"], ["step-raise"]], images=ONE)
    assert lab.run("--only", "*/2")[0] == 1
    assert lab.run("--only", "*/1")[0] == 0
    assert lab.run()[0] == 1


def test_two_workers_give_the_same_results(lab: Any, whole: Any) -> None:
    network = {"weights": "fake-weights", "content_layers": ["mix2"], "style_weight": 100}
    network |= {"style_layers": [["mix1"], ["mix1", "mix3"]]}
    lab.suite(backbones=dict.fromkeys(("fakenet", "load-noise", "load-child"), network))
    assert lab.run(out="one")[0] == 0
    assert lab.run("--jobs", "2", out="two")[0] == 0
    assert lab.stable("two") == lab.stable("one")
    assert {row["backbone"]: row for row in lab.stable("two")}.keys() == {"fakenet", "load-noise", "load-child"}
    compared = [{name: row[name] for name in ("cell", "total", "ssim_style")} for row in lab.rows("two")]
    same = [{name: row[name] for name in ("cell", "total", "ssim_style")} for row in whole.rows()]
    assert [row for row in compared if row["cell"] in {one["cell"] for one in same}] == same


def test_fail_fast_stops_at_the_first_failure(lab: Any) -> None:
    lab.suite([["mix1"], ["step-raise"], ["mix2"], ["mix3"]], images=ONE)
    code, errors = lab.run("--fail-fast")
    assert code == 1, errors
    assert [(row["layer_set"], row["status"]) for row in lab.rows()] == [("1", "ok"), ("2", "error")]
    # What was not attempted is not counted as a failure of its own, and comes with the next run.
    assert lab.run("--retry", "failed", NSTBENCH_FAKE_TAME="1")[0] == 0
    assert [row["status"] for row in lab.rows()] == ["ok"] * 4


def test_fail_fast_ends_the_other_workers(lab: Any) -> None:
    network = {"weights": "fake-weights", "style_layers": [["mix1"]]}
    lab.suite(backbones={"load-hang": network, "load-raise": network}, images=ONE)
    assert lab.run("--fail-fast", "--jobs", "2")[0] == 1
    assert [record.backbone for record in read_records(lab.folder())] == ["load-raise"]


def test_layer_sets_that_share_a_step_get_what_they_get_alone(lab: Any) -> None:
    lab.suite(DEEP, images=ONE)
    assert lab.run(out="together")[0] == 0
    together = {row["style_layers"]: row for row in lab.rows("together")}
    # Three sets need the network down to mix4 and share one step: only the first of them has a first step.
    assert [bool(row["first_step_s"]) for row in lab.rows("together")] == [True, False, False, True]
    for layers in (DEEP[0], DEEP[2]):
        lab.suite([layers], images=ONE)
        assert lab.run(out="alone")[0] == 0
        (alone,) = lab.rows("alone")
        shared = together[" ".join(layers)]
        for name in ("total", "style_raw", "content_raw", "best_total", "initial_total", "ssim_style"):
            assert alone[name] == shared[name], (layers, name)
        for path in ("trace", "image"):
            first, second = (
                getattr(lab.folder(out), path)(row["cell"]) for out, row in (("alone", alone), ("together", shared))
            )
            if path == "trace":
                assert first.read_bytes() == second.read_bytes()
            else:
                assert _pixels(first) == _pixels(second)


def _pixels(path: Any) -> bytes:
    from PIL import Image

    with Image.open(path) as image:
        return image.tobytes()


def test_fresh_is_for_the_whole_folder(lab: Any) -> None:
    lab.suite()
    code, errors = lab.run("--fresh", "--only", "*/1")
    assert code == 2 and "--retry all" in errors


def test_a_cache_that_cannot_take_the_speed_costs_nothing(lab: Any, tmp_path: Path) -> None:
    lab.suite()
    (tmp_path / "cache" / "speed.json").mkdir(parents=True)
    assert lab.run(NSTBENCH_CACHE_DIR=str(tmp_path / "cache"))[0] == 0
    assert lab.folder().report.exists()
