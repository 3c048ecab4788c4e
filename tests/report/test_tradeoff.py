from __future__ import annotations

import dataclasses
import math
import re

import msgspec
import pandas as pd
import pytest
from PIL import Image

from nstbench.errors import RunError
from nstbench.files import file_sha256
from nstbench.report import build_report
from nstbench.report.grid import make_grid
from nstbench.report.tradeoff import decisions, matched, sections, tradeoff_frame
from nstbench.report.tradeoff_curves import panels
from nstbench.report.tradeoff_page import publish
from nstbench.results import MetricEntry, RefereeEntry, Score, Status, append_score

from .conftest import failed, make_record
from .curves import curve, panel

RATIOS = (1e-2, 1.0, 1e2, 1e4)


def make_records(label, **changes):
    """A network's cells: the more content weight, the more SSIM."""
    return [
        make_record(
            label,
            "torch",
            5,
            **(
                {
                    "cell": f"{label}-{number}-{changes.get('style', '')}-{changes.get('seed', 0)}",
                    "content_weight": ratio * 10.0,
                    "style_weight": 10.0,
                    "ssim_content": 0.25 + 0.2 * number,
                }
                | changes
            ),
        )
        for number, ratio in enumerate(RATIOS)
    ]


def make_scores(records, judge, factor=1.0):
    return [
        Score(
            cell=record.cell,
            image_sha256="",
            judge=judge,
            backbone=judge,
            backend="torch",
            values={"style_distance": factor * record.ssim_content, "content_distance": 0.5},
        )
        for record in records
    ]


class TestPanels:
    def test_a_panel_per_pair_and_referee_a_curve_per_network(self):
        records = make_records("vgg19") + make_records("resnet50") + make_records("vgg19", style="gravel")
        scores = make_scores(records, "vgg19") + make_scores(records, "efficientnet-lite0", 2.0)
        found = panels(make_grid(records), scores)
        assert [(one.style, one.judge) for one in found] == [
            ("ihc", "vgg19"),
            ("ihc", "efficientnet-lite0"),
            ("gravel", "vgg19"),
            ("gravel", "efficientnet-lite0"),
        ]
        assert [one.network.name for one in found[0].curves] == [
            "vgg19 · torch",
            "resnet50 · torch · random:0 (untrained)",
        ]
        assert [[one.self_refereed for one in each.curves] for each in found[:2]] == [[True, False], [False, False]]
        assert [point.ratio for point in found[1].curves[0].points] == list(RATIOS)
        assert [point.distance for point in found[1].curves[0].points] == pytest.approx([0.5, 0.9, 1.3, 1.7])

    def test_points_are_in_the_order_of_the_ratio_whatever_the_order_of_the_suite(self):
        records = make_records("vgg19")[::-1]
        (found,) = panels(make_grid(records), make_scores(records, "j"))
        assert [point.ratio for point in found.curves[0].points] == list(RATIOS)

    def test_seeds_become_their_median(self):
        records = [
            record
            for seed in range(3)
            for record in make_records("vgg19", seed=seed, init="noise", ssim_content=0.1 * (seed + 1))
        ]
        (found,) = panels(make_grid(records), make_scores(records, "j"))
        (only,) = found.curves
        assert [(point.ssim, point.distance, len(point.cells)) for point in only.points] == [(0.2, 0.2, 3)] * 4

    def test_one_ratio_of_two_pairs_of_weights_is_one_point(self):
        thirds = [
            make_record("vgg19", "torch", 5, cell=f"{n}", content_weight=n * 0.1, style_weight=n * 0.3) for n in (1, 3)
        ]
        records = make_records("vgg19") + thirds
        (found,) = panels(make_grid(records), make_scores(records, "j"))
        assert [len(point.cells) for point in found.curves[0].points] == [1, 2, 1, 1, 1]

    def test_other_settings_make_other_curves(self):
        records = make_records("vgg19") + [
            msgspec.structs.replace(record, cell=f"{record.cell}-g", style_loss="gatys")
            for record in make_records("vgg19")
        ]
        (found,) = panels(make_grid(records), make_scores(records, "j"))
        names = [one.network.name for one in found.curves]
        assert names == ["vgg19 · torch · style_loss mean", "vgg19 · torch · style_loss gatys"]

    def test_cells_without_numbers_are_left_out(self):
        records = make_records("vgg19")
        others = [
            failed(make_record("vgg19", "torch", 5, cell="failed"), Status.OOM, "no memory"),
            make_record("vgg19", "torch", 5, cell="no-ssim", content_weight=7.0, ssim_content=None),
            make_record("vgg19", "torch", 5, cell="no-weights", content_weight=0.0, style_weight=0.0),
            make_record("vgg19", "torch", 5, cell="not-judged", content_weight=8.0),
            make_record("vgg19", "torch", 5, cell="no-distance", content_weight=9.0),
        ]
        scores = make_scores(records, "j")
        scores += [
            Score(cell=record.cell, image_sha256="", judge="j", values={"style_distance": 0.3}) for record in others[:3]
        ]
        scores.append(Score(cell="no-distance", image_sha256="", judge="j", values={"style_distance": None}))
        scores.append(Score(cell="not-judged", image_sha256="", judge="", values={"ms_ssim": 0.5}))
        records = [*records, *others]
        (found,) = panels(make_grid(records), scores)
        assert [point.ratio for point in found.curves[0].points] == list(RATIOS)

    def test_no_style_weight_is_the_infinite_end(self):
        records = [*make_records("vgg19"), make_record("vgg19", "torch", 5, cell="c", style_weight=0.0)]
        (found,) = panels(make_grid(records), make_scores(records, "j"))
        assert found.curves[0].points[-1].ratio == math.inf

    @pytest.mark.parametrize("count", [0, 1, 2])
    def test_fewer_than_three_ratios_are_no_trade_off(self, count):
        records = make_records("vgg19")[:count]
        assert panels(make_grid(records), make_scores(records, "j")) == []

    def test_without_scores_there_is_nothing(self):
        records = make_records("vgg19")
        assert panels(make_grid(records), []) == []
        assert panels(make_grid([]), make_scores(records, "j")) == []
        assert sections([]) == []


class TestSection:
    def test_values_are_marked_and_gaps_explained(self):
        found = panel(curve("a", (0.2, 0.2), (0.8, 0.8), own=True), curve("b", (0.35, 0.1), (0.65, 0.4)), judge="j")
        third = dataclasses.replace(found, judge="k", curves=(found.curves[1], curve("c", (0.9, 0.5))))
        text = "\n".join(matched([found, third]))
        assert "| j           | 0.4            | 0.400 † | 0.150 |" in text
        assert "c by k has no number at 0.4, 0.5, 0.6: its Pareto front spans one point." in text

    def test_ranges_apart_give_a_reason_instead_of_a_table(self):
        text = "\n".join(matched([panel(curve("a", (0.1, 0.1), (0.3, 0.3)), curve("b", (0.5, 0.1), (0.9, 0.3)))]))
        assert "|" not in text
        assert "No round SSIM lies inside the ranges of two networks" in text
        assert "a by judge has no number: its Pareto front spans SSIM 0.100–0.300." in text

    def test_the_frame_says_which_points_are_on_a_front(self):
        frame = tradeoff_frame(
            [panel(curve("a", (0.1, 0.4), (0.2, 0.2), (0.8, 0.5)), curve("b", (0.3, 0.1), (0.9, 0.6)))]
        )
        assert list(frame["pareto_own"]) == [False, True, True, True, True]
        assert list(frame["pareto"]) == [False, False, True, True, True]


class TestReport:
    @pytest.fixture
    def folder(self, make_run):
        records = make_records("vgg19") + make_records("resnet50", ssim_content=None)
        for number, record in enumerate(records[4:]):
            record.ssim_content = 0.2 + 0.15 * number
        judges = ("vgg19", "efficientnet-lite0")
        referees = tuple(RefereeEntry(label=judge, backbone=judge, backend="torch", weights="w") for judge in judges)
        distance = MetricEntry(
            name="style_distance", kind="features", unit="ratio", direction="lower", meaning="m", source="s"
        )
        folder = make_run(records, referees=referees, metrics=(distance,))
        for record in records:  # one panel of curves is enough, and pictures take time to draw
            folder.trace(record.cell).unlink()
        for judge in judges:
            for score in make_scores(records, judge):
                sha256 = file_sha256(folder.image(score.cell))
                append_score(folder, msgspec.structs.replace(score, image_sha256=sha256))
        return folder

    def test_it_is_there_while_there_are_scores(self, folder):
        text = build_report(folder.path).folder.report.read_text()
        assert "## Trade-off between content and style" in text
        for name in ("tradeoff.png", "tradeoff-pictures-1.png"):
            assert f"figures/{name}" in text
            with Image.open(folder.figures / name) as image:
                image.load()
        frame = pd.read_csv(folder.tradeoff_csv)
        assert len(frame) == 16
        assert set(frame["judge"]) == {"vgg19", "efficientnet-lite0"}
        folder.scores.unlink()
        assert "Trade-off" not in build_report(folder.path).folder.report.read_text()
        assert not folder.tradeoff_csv.exists()
        assert not list(folder.figures.glob("tradeoff*"))

    def test_a_page_for_the_docs(self, folder, tmp_path):
        before = sorted(folder.path.rglob("*"))
        text = publish(folder.path, tmp_path / "docs").read_text()
        assert sorted(folder.path.rglob("*")) == before
        assert "is better than" in text or "undecided" in text or "depends" in text
        assert str(tmp_path) not in text
        assert "referee efficientnet-lite0: efficientnet-lite0 on torch" in text
        linked = re.findall(r"\]\(([^)]+)\)", text)
        assert {"tradeoff.csv", "figures/tradeoff.png", "figures/tradeoff-pictures-1.png"} <= set(linked)
        assert all((tmp_path / "docs" / path).stat().st_size < 1_000_000 for path in linked)
        assert len(pd.read_csv(tmp_path / "docs" / "tradeoff.csv")) == 16

    def test_no_page_without_a_trade_off(self, folder, tmp_path):
        folder.scores.unlink()
        with pytest.raises(RunError, match="has no trade-off"):
            publish(folder.path, tmp_path / "docs")
        with pytest.raises(RunError, match="not a run folder"):
            publish(tmp_path, tmp_path / "docs")
        assert not (tmp_path / "docs").exists()


def test_a_decision_per_two_networks_whatever_their_backends_and_sets():
    good, bad = ((0.2, 0.2), (0.8, 0.4)), ((0.2, 0.4), (0.8, 0.8))
    curves = [curve("a1", *good, backbone="a"), curve("a2", *good, backbone="a"), curve("b", *bad), curve("c", *bad)]
    first, second, third = decisions([panel(*curves)])
    assert first.startswith("**a1 is better than b**") and second.startswith("**a1 is better than c**")
    assert first.endswith("Of 2 such comparisons of the two, on all backends and layer sets, 2 say so.")
    assert third.endswith("equal within 1 % at matched content SSIM by judge, neither network's own, at all 7 levels.")
    worse = curve("a2", (0.2, 0.9), (0.8, 0.95), backbone="a")
    equal = curve("a3", *bad, backbone="a")
    [mixed] = decisions([panel(curves[0], worse, equal, curves[2])])
    assert mixed.startswith("**a1 is better than b**") and mixed.endswith("layer sets, 1 say so, 2 otherwise.")
