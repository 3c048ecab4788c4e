"""Referees after the run: what they leave, what a second run finds, and all that can go wrong with them."""

from __future__ import annotations

import signal
import time
from typing import Any

import psutil
import pytest

from nstbench.results import Score, latest, read_records, read_results, read_scores

ONE = {"content": {"photo": "photo.png"}, "style": {"wave": "wave.png"}}
REFEREE = {"own": {"backbone": "fakenet", "style_layers": ["mix1", "mix4"]}}

METRICS = """
import os
from pathlib import Path
from nstbench import hookimpl
from nstbench.plugin.descriptors import MetricInfo

@hookimpl
def nstbench_cell_finished(cell, record):
    if os.environ.get("LOSE") == f"{record['style']}/{record['layer_set']}":
        (Path(os.environ["RUN"]) / "cells" / record["cell"] / "image.png").unlink()

@hookimpl
def nstbench_metrics():
    for name in ("brightness", "nan", "trouble", "sudden", "words"):
        yield MetricInfo(
            name, f"judges:{name}", kind="picture", unit="grey levels", direction="higher", meaning="m", source="s"
        )
    yield MetricInfo(
        "absent", "judges:nan", kind="picture", unit="", direction="lower", meaning="m", source="s",
        requires=("no-such-distribution",),
    )

def brightness(exhibit):
    return exhibit.image.mean()

def nan(exhibit):
    return float("nan")

def words(exhibit):
    return "many"

def trouble(exhibit):
    raise KeyError("a\\nlost key")

def sudden(exhibit):
    if os.environ.get("SUDDEN") and exhibit.style.shape[0] == 40:
        os.kill(os.getpid(), 9)
    return {"": 1.0, "part": 2.0}
"""


def scores(lab: Any, out: str = "run") -> dict[tuple[str, str], Score]:
    """The judgements, by layer set, style and judge."""
    records = latest(read_records(lab.folder(out)))
    return {
        (f"{records[one.cell].style}/{records[one.cell].layer_set}", one.judge): one
        for one in read_scores(lab.folder(out))
    }


def lines(lab: Any) -> int:
    return lab.folder().scores.read_bytes().count(b"\n")


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory, new_lab: Any) -> Any:
    """Four cells, one of which loses its picture, before a referee that also competes and two that cannot judge."""
    made = new_lab(tmp_path_factory.mktemp("judged"))
    made.install("judges", METRICS)
    trouble = {"lost": {"backbone": "fakenet", "weights": "file:nowhere.json"}, "trap": {"backbone": "load-sigkill"}}
    made.suite(referee=REFEREE | trouble)
    made.code, made.errors = made.run(LOSE="print/2", RUN=str(made.folder().path))
    made.first = scores(made)
    return made


def test_a_referee_never_changes_the_exit_code(judged: Any) -> None:
    assert judged.code == 0, judged.errors
    assert "judging 4 pictures: own (fakenet, fake, fake-weights)" in judged.errors
    assert judged.errors.count("referee lost: the weights file") == 1


def test_every_picture_is_judged_by_every_judge(judged: Any) -> None:
    found = judged.first
    assert len(found) == 4 * 4
    own = found["wave/2", "own"]
    assert (own.backbone, own.backend, own.weights) == ("fakenet", "fake", "fake-weights")
    assert len(own.weights_sha256) == 64
    assert set(own.values) == {
        "style_distance",
        "style_distance:mix1",
        "style_distance:mix4",
        "content_distance",
        "content_distance:mix2",
    }
    layers = [own.values["style_distance:mix1"], own.values["style_distance:mix4"]]
    assert own.values["style_distance"] == pytest.approx(sum(layers) / 2, rel=1e-12)
    assert 0 < own.values["style_distance"] < 1.5 and 0 < own.values["content_distance"] < 10


def test_a_metric_that_says_nothing_has_a_reason_and_costs_no_other(judged: Any) -> None:
    one = judged.first["print/1", ""]
    assert 0 < one.values["brightness"] < 255
    assert (one.values["sudden"], one.values["sudden:part"]) == (1.0, 2.0)
    assert {name: one.values[name] for name in one.reasons} == dict.fromkeys(one.reasons)
    assert one.reasons == {
        "ms_ssim": "five scales need more than 160 px on a side, the picture has 40x32",
        "nan": "the metric returned nan",
        "trouble": "KeyError: 'a\\nlost key'",
        "words": "TypeError: must be real number, not str",
        "absent": "it needs no-such-distribution: pip install no-such-distribution",
    }


def test_a_referee_that_cannot_judge_leaves_empty_scores_with_the_reason(judged: Any) -> None:
    one = judged.first["print/1", "lost"]
    assert set(one.values) == {"style_distance", "content_distance"}
    assert set(one.values.values()) == {None}
    assert "nowhere.json does not exist" in one.reasons["style_distance"]
    assert one.identity == ""


def test_without_a_picture_there_is_a_reason(judged: Any) -> None:
    one = judged.first["print/2", "own"]
    assert (one.image_sha256, one.values["style_distance"]) == ("", None)
    assert "No such file" in one.reasons["style_distance"]


def test_a_referee_that_dies_while_loading_is_a_reason(judged: Any) -> None:
    one = judged.first["wave/1", "trap"]
    assert set(one.values.values()) == {None}
    assert "killed (signal 9)" in one.reasons["style_distance"]


def test_results_have_a_column_for_each_value(judged: Any) -> None:
    frame = read_results(judged.folder().path)
    assert frame["own:style_distance"].dtype == "float64"
    assert frame["own:style_distance:mix1"].notna().sum() == 3
    assert frame["brightness"].notna().sum() == 3 and frame["nan"].isna().all()
    assert frame["lost:style_distance"].isna().all()
    row = judged.rows()[0]
    assert float(row["own:style_distance"]) == frame["own:style_distance"][0]


def test_again_judges_nothing_but_what_it_could_not(judged: Any) -> None:
    before = lines(judged)
    code, errors = judged.run()  # it stylises the one whose picture is gone once more
    assert code == 0, errors
    for line in ("1 picture: own", "1 picture: pictures alone", "4 pictures: lost", "4 pictures: trap"):
        assert f"judging {line}" in errors
    assert lines(judged) == before + 4  # of the new picture only: what was said before is not noted again
    assert scores(judged)["print/2", "own"].values["style_distance"] is not None


def test_what_has_changed_is_judged_anew(lab: Any) -> None:
    lab.suite([["mix1"], ["mix4"]], images=ONE, referee=REFEREE)
    assert lab.run()[0] == 0
    first = scores(lab)
    for path in lab.folder().inputs.iterdir():
        path.unlink()
    lab.suite([["mix1"], ["mix4"]], images=ONE, referee={"own": {"backbone": "fakenet", "style_layers": ["mix2"]}})
    _, errors = lab.run()
    assert "judging 2 pictures: own" in errors and "pictures alone" not in errors
    assert set(scores(lab)["wave/1", "own"].values) >= {"style_distance:mix2"}
    assert scores(lab)["wave/1", "own"].values["style_distance"] is not None  # the inputs were made again
    assert scores(lab)["wave/1", ""] == first["wave/1", ""]
    one, two = (lab.folder().image(scores(lab)[f"wave/{number}", ""].cell) for number in (1, 2))
    two.write_bytes(one.read_bytes())
    _, errors = lab.run()
    assert "judging 1 picture: own" in errors and "judging 1 picture: pictures alone" in errors
    assert scores(lab)["wave/2", "own"].values == scores(lab)["wave/1", "own"].values


def test_a_judge_that_dies_costs_the_picture_it_was_at(lab: Any) -> None:
    lab.install("judges", METRICS)
    lab.suite([["mix1"]], referee=REFEREE)
    code, errors = lab.run(SUDDEN="1")
    assert code == 0
    assert "referee of pictures: the worker was killed (signal 9)" in errors
    found = scores(lab)
    assert found["print/1", ""].values["brightness"] is not None
    assert set(found["wave/1", ""].values.values()) == {None}
    assert found["wave/1", "own"].values["style_distance"] is not None
    _, errors = lab.run()
    assert "judging 1 picture: pictures alone" in errors
    assert scores(lab)["wave/1", ""].values["brightness"] is not None


def test_kill_9_while_judging_loses_nothing(lab: Any) -> None:
    slow = "\ndef brightness(exhibit):\n    import time\n    time.sleep(0.5)\n    return 1.0\n"
    lab.install("judges", METRICS + slow)
    lab.suite(referee=REFEREE)
    run = lab.start()
    while not (lab.folder().scores.exists() and lines(lab)):  # the test's own timeout ends it
        time.sleep(0.02)
    below = psutil.Process(run.process.pid).children(recursive=True)
    run.process.kill()
    assert run.end() == -signal.SIGKILL
    assert run.gone(below, 2.0)
    kept = scores(lab)
    assert 1 <= len(kept) < 8
    code, errors = lab.run()
    assert (code, "4 done" in errors) == (0, True)
    assert len(scores(lab)) == lines(lab) == 8
    assert {key: scores(lab)[key] for key in kept} == kept
