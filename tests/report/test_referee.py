from __future__ import annotations

import msgspec
import pandas as pd
import pytest

from nstbench.files import file_sha256
from nstbench.report import build_report
from nstbench.report.grid import make_grid
from nstbench.report.markdown import table
from nstbench.report.ranking import ranking_table, unranked
from nstbench.report.referee import sections
from nstbench.report.referee_tables import competitors, distance_table, picture_table
from nstbench.report.table1 import judgements
from nstbench.report.table1_frame import table1_frame
from nstbench.results import Judgements, MetricEntry, RefereeEntry, Score, Status, append_score, read_results

from .conftest import make_record

pytestmark = pytest.mark.usefixtures("without_figures")

METRICS = tuple(
    MetricEntry(name=name, kind=kind, unit=unit, direction=direction, meaning=f"what {name} means", source="Somebody 1")
    for name, kind, unit, direction in [
        ("style_distance", "features", "ratio", "lower"),
        ("content_distance", "features", "share", "lower"),
        ("ms_ssim", "picture", "0 to 1", "higher"),
        ("local_patterns", "features", "0 to 1", "higher"),
    ]
)
REFEREES = (
    RefereeEntry(label="vgg19", backbone="vgg19", backend="torch", weights="keras-imagenet-8bit", style_layers=("a",)),
    RefereeEntry(label="neutral", backbone="efficientnet-lite0", backend="torch", weights="w", content_layers=("b",)),
    RefereeEntry(label="lost", problem="its weights are not here"),
)


def score(record, judge, style, **values):
    known = {"style_distance": style, "content_distance": style / 10} if judge else {}
    reasons = {"ms_ssim": "the picture is too small"} if values.get("ms_ssim", 0) is None else {}
    return Score(cell=record.cell, image_sha256="", judge=judge, values=known | values, reasons=reasons)


@pytest.fixture
def records():
    cells = [("vgg19", 0), ("vgg19", 1), ("vgg19", 2), ("resnet50", 0)]
    return [make_record(label, "torch", 1, cell=f"{label}-{seed}", seed=seed) for label, seed in cells]


@pytest.fixture
def scores(records):
    found = [
        score(one, "vgg19", value, local_patterns=0.7) for one, value in zip(records, (0.1, 0.2, 0.6, 0.8), strict=True)
    ]
    found += [score(one, "neutral", value) for one, value in zip(records, (0.5, 0.4, 0.3, 0.6), strict=True)]
    return [*found, *(score(one, "", 0, ms_ssim=None if one is records[0] else 0.25) for one in records)]


@pytest.fixture
def grid(records, scores):
    return make_grid(records, Judgements(REFEREES, METRICS, {(one.cell, one.judge): one for one in scores}))


@pytest.fixture
def three(records, scores):
    """A grid with a third network, which is the second referee's own."""
    third = msgspec.structs.replace(records[3], cell="third", label="lite", backbone="efficientnet-lite0")
    scores = [*scores, score(third, "vgg19", 0.3), score(third, "neutral", 0.01)]
    return make_grid([*records, third], Judgements(REFEREES, METRICS, {(one.cell, one.judge): one for one in scores}))


def test_a_competitor_is_a_network_with_its_settings_whatever_the_seed(grid):
    assert [(one.column.label, len(one.records)) for one in competitors(grid)] == [("vgg19", 3), ("resnet50", 1)]


def test_medians_per_referee_without_a_mean_over_different_referees(grid):
    frame = distance_table(grid)
    assert list(frame.columns) == ["network", "layer set", "by vgg19", "by neutral", "by lost"]
    assert frame.iloc[:, 2:].to_numpy().tolist() == [
        ["0.200 / 0.0200 †", "0.400 / 0.0400", "–"],
        ["0.800 / 0.0800", "0.600 / 0.0600", "–"],
    ]


def test_the_mean_over_referees_that_are_the_same_for_all(records, scores):
    second = msgspec.structs.replace(REFEREES[1], label="second", backbone="mobilenet")
    found = [score(one, "second", value) for one, value in zip(records, (0.2, 0.2, 0.2, 0.4), strict=True)]
    found = {(one.cell, one.judge): one for one in [*scores, *found]}
    grid = make_grid(records, Judgements((REFEREES[1], second), METRICS, found))
    assert distance_table(grid).iloc[:, 2:].to_numpy().tolist() == [
        ["**0.300 / 0.0300**", "0.400 / 0.0400", "0.200 / 0.0200"],
        ["**0.500 / 0.0500**", "0.600 / 0.0600", "0.400 / 0.0400"],
    ]
    assert "in bold, is the mean over the other referees" in "\n\n".join(sections(grid))


def test_every_other_metric_has_a_column_with_the_better_direction(grid):
    frame = picture_table(grid)
    assert list(frame.columns[2:]) == ["ssim ↑", "ms ssim ↑", "local patterns ↑ by vgg19"]
    assert frame.iloc[0, 2:].tolist() == ["0.612", "0.250", "0.700 †"]
    assert frame.iloc[1, 2:].tolist() == ["0.612", "0.250", "0.700"]


def test_each_referee_ranks_the_others(grid):
    frame = ranking_table(grid)  # vgg19 has one other to judge, which is no ranking
    assert [(row[0], row[1], row[2].split()[0], row[4]) for row in frame.itertuples(index=False)] == [
        ("neutral", "1", "vgg19", "0.400"), ("neutral", "2", "resnet50", "0.600")
    ]  # fmt: skip
    assert unranked(grid) == []


def test_a_referee_that_competes_is_not_ranked_by_itself(three):
    by_vgg19, by_neutral = unranked(three)
    assert by_vgg19.startswith("† Not ranked by vgg19") and "vgg19 · torch" in by_vgg19 and "resnet50" not in by_vgg19
    assert by_neutral.startswith("† Not ranked by neutral") and by_neutral.count("·") == 2 and "lite ·" in by_neutral
    text = "\n\n".join(sections(three))
    assert "**Ranked by style distance**" in text and by_vgg19 in text and "has all" not in text


def test_rankings_in_full_as_a_table(three, records):
    frame = ranking_table(three)
    assert list(frame.columns) == [
        "referee", "rank", "network", "layer set", "style distance ↓", "content distance ↓"
    ]  # fmt: skip
    assert [(row[0], row[1], row[2].split()[0], *row[4:]) for row in frame.itertuples(index=False)] == [
        ("vgg19", "1", "lite", "0.300", "0.0300"),
        ("vgg19", "2", "resnet50", "0.800", "0.0800"),
        ("neutral", "1", "vgg19", "0.400", "0.0400"),
        ("neutral", "2", "resnet50", "0.600", "0.0600"),
    ]
    assert ranking_table(three, 1)["rank"].tolist() == ["1", "1"]
    assert ranking_table(make_grid(records)).empty


def test_a_referees_name_is_escaped_once(records, scores):
    odd = msgspec.structs.replace(REFEREES[1], label="a|b")
    found = {(one.cell, "a|b"): one for one in scores if one.judge == "neutral"}
    frame = distance_table(make_grid(records, Judgements((odd,), METRICS, found)))
    assert frame.columns[-1] == "by a|b" and "| by a\\|b" in table(frame)


def test_the_section_says_what_each_number_means(grid):
    text = "\n\n".join(sections(grid))
    assert "**ms ssim**: what ms_ssim means; more is better, in 0 to 1 (Somebody 1)." in text
    assert "**style distance**: what style_distance means; less is better, in ratio (Somebody 1)." in text
    assert "**vgg19** (vgg19 with keras-imagenet-8bit, run by torch) also competes; style layers a" in text
    assert "does not compete: neutral" in text
    assert "**lost** cannot judge: its weights are not here" in text
    assert "No ms ssim for 1 picture: the picture is too small." in text
    assert "(vgg19 by neutral; resnet50 by vgg19 and neutral): compare down a referee's column" in text


def test_without_referees_there_is_no_section(records):
    assert sections(make_grid(records)) == []
    pictures_only = make_grid(records, Judgements((), METRICS, {}))
    assert not any("by vgg19" in part for part in sections(pictures_only))


def test_table_1_has_the_referees_style_distances(grid, records):
    (block,) = grid.blocks
    frame = judgements(grid, block, block.columns)
    assert frame.iloc[0, -2:].tolist() == ["0.100 † / 0.500 / –", "0.800 / 0.600 / –"]
    wide = table1_frame(grid)
    column = "vgg19 torch keras-imagenet-8bit | neutral:style_distance"
    assert wide[column].dtype == "float64" and wide[column].tolist() == [0.5, 0.4, 0.3]


def test_a_report_is_made_of_what_is_stored(make_run, records, scores):
    folder = make_run(records, referees=REFEREES, metrics=METRICS)
    for one in scores:
        stored = {"image_sha256": file_sha256(folder.image(one.cell)), "values": one.values, "reasons": one.reasons}
        append_score(folder, Score(cell=one.cell, judge=one.judge, **stored))
    outdated = Score(cell=records[0].cell, judge="gone", image_sha256="", values={"style_distance": 1.0})
    append_score(folder, outdated)
    text = build_report(folder.path).folder.report.read_text()
    assert "## Referees: comparable across networks" in text
    assert "**Style distance by vgg19 / neutral / lost (less is better)**" in text
    tables = {path.stem.split("-1-")[0]: path.read_text() for path in folder.tables.iterdir()}
    assert {"style-distance", "referees", "referee-ranking", "pictures"} <= set(tables)
    assert "0.200 / 0.0200 \\textdagger{}" in tables["referees"] and "bold" not in tables["referees"]
    csv = pd.read_csv(folder.results_csv)
    assert csv["vgg19:style_distance"].tolist() == [0.1, 0.2, 0.6, 0.8]
    assert csv["ms_ssim"].isna().tolist() == [True, False, False, False]
    assert "gone:style_distance" not in csv.columns
    frame = read_results(folder.path)
    assert frame["neutral:content_distance"].dtype == "float64"
    assert list(frame.columns) == list(csv.columns)
    pd.testing.assert_frame_equal(pd.read_parquet(folder.results_parquet), frame)
    before = folder.report.read_bytes()
    assert build_report(folder.path).folder.report.read_bytes() == before


def test_a_picture_that_was_made_anew_has_no_judgement(make_run, records):
    folder = make_run(records, referees=REFEREES, metrics=METRICS)
    append_score(folder, Score(cell=records[0].cell, judge="vgg19", image_sha256="x", values={"style_distance": 1.0}))
    assert records[0].status is Status.OK
    assert "vgg19:style_distance" not in read_results(folder.path).columns
