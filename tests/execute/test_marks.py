"""The first row of the report's Table 1: with its settings the loss ends above that of the start, and is marked."""

from __future__ import annotations

from typing import Any

import pytest

ROW_1 = (
    *("--only", "vgg19/torch/*/1"),
    *("--set", "backbones.vgg19.content_weight=1e5", "--set", "optimizer.learning_rate=5"),
    *("--set", "iterations=12", "--set", "image_size=48", "--set", "threads=1", "--set", "referee=none"),
)


@pytest.mark.torch
def test_the_first_row_of_the_report_ends_above_its_start(lab: Any) -> None:
    assert lab.run(*ROW_1, suite="quickstart")[0] == 0
    (row,) = lab.rows()
    assert row["marks"].split()[0] == "above-start"
    assert float(row["relative_total"]) > 1 and float(row["peak_total"]) >= float(row["total"])
    assert float(row["moved"]) > 0.5
    report = lab.folder().report.read_text()
    assert "<sup>a</sup> *above-start*" in report and "1 of the 1 cells that ran" in report
