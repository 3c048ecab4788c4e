"""Whoever does what a page says gets what it promises."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from nstbench import read_results

from .pages import Block, Reader, blocks


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for all readers: VGG19's weights are converted for the first of them."""
    return tmp_path_factory.mktemp("cache")


@pytest.mark.torch
@pytest.mark.tensorflow
def test_the_first_suite_ends_in_a_report(tmp_path: Path, cache: Path) -> None:
    reader = Reader(tmp_path, cache, figures=True)
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
def test_parts_of_a_suite_are_put_together(tmp_path: Path, cache: Path) -> None:
    Reader(tmp_path, cache).follow("how-to/many-jobs.md")
    table = read_results(tmp_path / "whole")
    assert list(table["content"]) == ["cat", "coffee"] and set(table["status"]) == {"ok"}
    parts = [read_results(tmp_path / "parts" / name) for name in ("cat", "coffee")]
    pd.testing.assert_series_equal(table["total"], pd.concat(parts, ignore_index=True)["total"])
    assert "vgg19:style_distance" in table and table["vgg19:style_distance"].notna().all()
    assert "coffee in the style of hubble" in (tmp_path / "whole/report.md").read_text()


@pytest.mark.torch
def test_pictures_on_the_way_are_kept(tmp_path: Path, cache: Path) -> None:
    said = Reader(tmp_path, cache).follow("how-to/watch.md")
    assert [f"{number:06}.png" in said for number in (0, 5, 10, 12)] == [True, True, True, False]
    assert "optimisation.webp" in said


@pytest.mark.torch
def test_a_well_known_network_runs_by_its_name(tmp_path: Path, cache: Path) -> None:
    said = Reader(tmp_path, cache).follow("how-to/known-networks.md")
    assert "torchvision:squeezenet1_0" in said and "to download:" in said
    table = read_results(tmp_path / "reports/known")
    assert set(table["backbone"]) == {"torchvision:squeezenet1_1"} and set(table["label"]) == {"squeezenet"}
    assert list(table["status"]) == ["ok", "ok"] and set(table["weights"]) == {"random:0"}


@pytest.mark.torch
def test_a_loss_of_ones_own_passes_the_kit_and_runs(tmp_path: Path, cache: Path) -> None:
    said = Reader(tmp_path, cache, packages=("my-loss",)).follow("how-to/own-loss.md")
    assert "5 pass." in said
    table = read_results(tmp_path / "reports/losses")
    assert list(table["style_loss"]) == ["mean", "my-loss"] and set(table["status"]) == {"ok"}
    assert (table["total"] < table["initial_total"]).all()


@pytest.mark.torch
def test_a_metric_of_ones_own_passes_the_kit_and_judges(tmp_path: Path, cache: Path) -> None:
    said = Reader(tmp_path, cache, packages=("my-metric",)).follow("how-to/own-metric.md")
    assert "4 pass." in said
    table = read_results(tmp_path / "reports/judged")
    assert table["roughness_distance"].notna().all() and (table["roughness_distance"] > 0).all()


@pytest.mark.torch
def test_a_reporter_of_ones_own_passes_the_kit_and_reports(tmp_path: Path, cache: Path) -> None:
    said = Reader(tmp_path, cache, packages=("my-table",)).follow("how-to/own-reporter.md")
    assert "5 pass." in said
    table = (tmp_path / "reports/tabled/table.tex").read_text()
    assert "vgg19 & torch & 1 & 0." in table and table in said


def test_any_table_becomes_latex(tmp_path: Path, cache: Path) -> None:
    said = Reader(tmp_path, cache).follow("how-to/paper.md")
    assert "vgg19\\_bn & $8.83\\times10^{5}$ & \\textbf{ok}" in said and "\\label{tab:one}" in said


@pytest.mark.parametrize(
    ("tab", "backend"),
    [
        pytest.param("PyTorch", "torch", marks=pytest.mark.torch),
        pytest.param("Keras", "tensorflow", marks=[pytest.mark.tensorflow, pytest.mark.torch]),  # the referee
    ],
)
def test_a_backbone_of_ones_own_passes_the_kit_and_competes(
    tab: str, backend: str, tmp_path: Path, cache: Path
) -> None:
    reader = Reader(tmp_path, cache, packages=("my-net",))
    said = " ".join(reader.follow("tutorials/first-backbone.md", tab).split())
    shown = [line for one in blocks("tutorials/first-backbone.md") for line in _shown(one, tab)]
    assert len(shown) > 10
    assert [line for line in shown if line not in said] == []
    assert "10 pass." in said
    table = read_results(tmp_path / "reports/mine")
    assert set(table["status"]) == {"ok"} and set(table["backend"]) == {backend}
    assert list(table["weights"]) == ["my-net-trained"] * 2 + ["keras-imagenet-8bit"]
    assert (table["total"] < table["initial_total"]).all() and table["vgg19:style_distance"].notna().all()


def _shown(block: Block, tab: str) -> list[str]:
    """Return what a page says that a command prints, as words with single spaces."""
    if block.language != "text" or block.tab != tab:
        return []
    lines = [" ".join(line.replace("plugin  ", "").split()) for line in block.text.splitlines()]
    return lines if lines[0].startswith("pass") else [" ".join(lines)]
