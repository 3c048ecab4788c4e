"""Whoever does what a page says gets what it promises."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from nstbench import read_results

from .pages import Reader


@pytest.mark.torch
@pytest.mark.tensorflow
def test_the_first_suite_ends_in_a_report(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    said = reader.follow("tutorials/first-suite.md")
    assert "4 cells: 4 new" in said and "4 cells: 4 done" in said
    table = read_results(tmp_path / "reports" / "first")
    assert list(table["status"]) == ["ok"] * 4 and set(table["comparison"]) == {"closed"}
    report = (tmp_path / "reports/first/report.md").read_text()
    for promised in ("**closed**", "†", "*still-falling*", "Style distance by efficientnet-lite0"):
        assert promised in report
    by_set = table.groupby("layer_set")["total"]
    assert float(((by_set.max() - by_set.min()) / by_set.min()).max()) < 0.01  # "It is little."


@pytest.mark.torch
def test_parts_of_a_suite_are_put_together(tmp_path: Path) -> None:
    Reader(tmp_path).follow("how-to/many-jobs.md")
    table = read_results(tmp_path / "whole")
    assert list(table["content"]) == ["cat", "coffee"] and set(table["status"]) == {"ok"}
    parts = [read_results(tmp_path / "parts" / name) for name in ("cat", "coffee")]
    pd.testing.assert_series_equal(table["total"], pd.concat(parts, ignore_index=True)["total"])
    assert "vgg19:style_distance" in table and table["vgg19:style_distance"].notna().all()
    assert "coffee in the style of hubble" in (tmp_path / "whole/report.md").read_text()


@pytest.mark.torch
def test_a_loss_of_ones_own_passes_the_kit_and_runs(tmp_path: Path) -> None:
    said = Reader(tmp_path, packages=("my-loss",)).follow("how-to/own-loss.md")
    assert "5 pass." in said
    table = read_results(tmp_path / "reports/losses")
    assert list(table["style_loss"]) == ["mean", "my-loss"] and set(table["status"]) == {"ok"}
    assert (table["total"] < table["initial_total"]).all()


@pytest.mark.torch
def test_a_metric_of_ones_own_passes_the_kit_and_judges(tmp_path: Path) -> None:
    said = Reader(tmp_path, packages=("my-metric",)).follow("how-to/own-metric.md")
    assert "4 pass." in said
    table = read_results(tmp_path / "reports/judged")
    assert table["roughness_distance"].notna().all() and (table["roughness_distance"] > 0).all()
