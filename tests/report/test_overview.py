"""The report in short: who is nearest to the style, what it costs, how far backends are apart, what is doubtful."""

from __future__ import annotations

import msgspec
import pytest

from nstbench.report.grid import make_grid
from nstbench.report.overview import sections
from nstbench.results import Judgements, RefereeEntry, Score, Status

from .conftest import failed, full_grid, make_record

VGG = RefereeEntry(label="vgg19", backbone="vgg19", backend="torch", weights="keras-imagenet-8bit")
NEUTRAL = RefereeEntry(label="a*b", backbone="efficientnet-lite0", backend="torch", weights="w")


def judged(records, referees, distances):
    """Give every record a style distance, by its network and layer set, and a content distance a tenth of it."""
    scores = {}
    for record in records:
        for referee in referees:
            style = distances[record.label, record.layer_set]
            values = {"style_distance": style, "content_distance": style / 10}
            score = Score(cell=record.cell, image_sha256="", judge=referee.label, values=values)
            scores[score.cell, score.judge] = score
    return make_grid(records, Judgements(tuple(referees), (), scores))


def said(grid, matched=()):
    heading, lines = sections(grid, matched)
    assert heading == "## In short"
    return [line.removeprefix("- ") for line in lines.splitlines()]


@pytest.fixture
def records():
    places = [
        (label, backend, n) for label in ("vgg19", "resnet50") for backend in ("torch", "tensorflow") for n in (1, 2)
    ]
    return [make_record(label, backend, layers) for label, backend, layers in places]


def test_each_network_has_its_best_layer_set_by_each_referee_but_itself(records):
    distances = {("vgg19", "1"): 0.9, ("vgg19", "2"): 0.4, ("resnet50", "1"): 0.6, ("resnet50", "2"): 0.7}
    nearest = [line for line in said(judged(records, (VGG, NEUTRAL), distances)) if "Nearest" in line]
    assert nearest == [  # vgg19 judges resnet50 alone, which is no comparison
        "**Nearest to the style**, as a\\*b judges others: vgg19 with set 2 at 0.400 (0.0400), "
        "then resnet50 (untrained) with set 1 at 0.600 (0.0600)."
    ]


def test_what_else_differs_between_networks_is_said(records):
    distances = dict.fromkeys([("vgg19", "1"), ("vgg19", "2"), ("resnet50", "1"), ("resnet50", "2")], 0.5)
    text = "\n".join(said(judged(records, (NEUTRAL,), distances)))
    assert "1 is the untouched content picture" in text and "The networks' settings differ, too" in text
    lite = [msgspec.structs.replace(one, label="lite", cell=f"lite-{one.cell}") for one in records[:4]]
    alike = judged([*records[:4], *lite], (NEUTRAL,), distances | {("lite", "1"): 0.5, ("lite", "2"): 0.5})
    text = "\n".join(said(alike))
    assert "1 is the untouched content picture" in text and "The networks' settings differ, too" not in text


def test_costs_are_the_ends_of_the_medians(records):
    times = {"vgg19": 200.0, "resnet50": 50.0}
    changed = [
        msgspec.structs.replace(
            one,
            step_ms_median=times[one.label] * (2.0 if one.backend == "torch" else 1.0) + float(one.layer_set),
            peak_memory_mb=None,
        )
        for one in records
    ]
    text = "\n".join(said(make_grid(changed)))
    assert "an iteration takes 51.5 ms (resnet50 · tensorflow) to 402 ms (vgg19 · torch)." in text
    assert "memory" not in text
    # Ranges, which show where the difference is the machine's.
    assert "vgg19 on torch and tensorflow**" in text and "an iteration takes 401–402 ms and 201–202 ms." in text
    [alone] = [line for line in said(make_grid(changed[:1])) if "Cost" in line]
    assert alone.endswith("an iteration takes 401 ms (vgg19 · torch).")


def test_how_far_backends_are_apart(records):
    lines = said(make_grid(records))
    [vgg] = [line for line in lines if line.startswith("**vgg19 on torch and tensorflow**")]
    assert "losses differ by at most 0.990 %;" in vgg
    same = [msgspec.structs.replace(one, total=1.0, style_weighted=0.5, content_weighted=0.5) for one in records]
    assert any("losses differ by less than 0.01 %" in line for line in said(make_grid(same)))
    assert not any("differ" in line for line in said(make_grid(records[:2])))


def test_doubts_are_counted_among_the_cells_that_ran(records):
    marked = [msgspec.structs.replace(one, marks="above-start still-falling") for one in records[:3]]
    lost = failed(records[3], Status.CRASHED, "lost")
    text = "\n".join(said(make_grid([*marked, lost, *records[4:]])))
    assert "**Doubtful**, of 7 cells that ran: 3 ended above the loss of their start (*above-start*), 3 were" in text
    assert "**Doubtful**, of the only cell that ran: 1 ended" in "\n".join(said(make_grid(marked[:1])))
    assert "Doubtful" not in "\n".join(said(make_grid(records)))


def test_what_two_backends_cost_stands_side_by_side(records):
    changed = [
        msgspec.structs.replace(one, peak_memory_mb=400.0 if one.backend == "torch" else 1000.0, elapsed_s=36.0)
        for one in records
    ]
    [line] = [line for line in said(make_grid(changed)) if line.startswith("**vgg19 on")]
    assert "peak memory 400 MiB and 1,000 MiB; cells per hour 100 and 100." in line


def test_networks_that_no_referee_ranks_are_named(records):
    own = RefereeEntry(label="resnet50", backbone="resnet50", backend="torch", weights="w")
    third = [msgspec.structs.replace(one, label="lite", backbone="lite", cell=f"l-{one.cell}") for one in records[:4]]
    distances = {(label, n): 0.5 for label in ("vgg19", "resnet50", "lite") for n in ("1", "2")}
    text = "\n".join(said(judged([*records, *third], (VGG, own), distances)))
    assert "none ranks them: vgg19 and resnet50." in text
    assert "none ranks" not in "\n".join(said(judged([*records, *third], (NEUTRAL,), distances)))


def test_decisions_at_matched_ssim_stand_for_style_distances_alone(records):
    distances = dict.fromkeys([("vgg19", "1"), ("vgg19", "2"), ("resnet50", "1"), ("resnet50", "2")], 0.5)
    lines = said(judged(records, (NEUTRAL,), distances), [f"statement {n}" for n in range(5)])
    assert lines[:3] == ["statement 0", "statement 1", "statement 2"] and lines[3].startswith("Decided are 2 more")
    assert not any("Nearest" in line for line in lines)


def test_a_run_without_a_result_says_where_the_reasons_are():
    assert sections(make_grid([])) == []
    assert said(make_grid([failed(one, Status.KILLED, "ended") for one in full_grid()])) == [
        "No cell has a result: *Cells without a result* has the reasons."
    ]
