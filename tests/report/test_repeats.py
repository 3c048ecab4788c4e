from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest
from scipy.stats import binom, quantile_test

from nstbench.measure.statistics import median_interval
from nstbench.report.build import build_report
from nstbench.report.grid import make_grid
from nstbench.report.repeats import explained
from nstbench.report.table1 import losses, runtimes, similarities
from nstbench.report.table1_frame import table1_frame
from nstbench.results import Status

pytestmark = pytest.mark.usefixtures("without_figures")


def repeated(record, count, **changes):
    """Return repeats of a record whose totals are 1, 2, ... times its own, in a mixed order."""
    factors = [(7 * number) % count + 1 if count % 7 else number + 1 for number in range(count)]
    return [
        msgspec.structs.replace(
            record, cell=f"{record.cell}-{number}", repeat=number, total=record.total * factor, init_noise=1.0,
            optimise_s=10.0 * factor, ssim_content=0.1 * factor, **changes,
        )
        for number, factor in enumerate(factors)
    ]  # fmt: skip


@pytest.mark.parametrize("count", [6, 7, 9, 20, 51])
def test_the_interval_of_the_median_is_the_one_of_order_statistics(count):
    values = np.random.default_rng(count).standard_normal(count)
    found, expected = median_interval(values), quantile_test(values).confidence_interval(0.95)
    assert (found.low, found.high) == (expected.low, expected.high)
    assert found.median == np.median(values)
    below = int((values < found.low).sum())
    assert found.coverage == pytest.approx(1 - 2 * binom.cdf(below, count, 0.5)) and found.coverage >= 0.95


def test_its_coverage_is_what_it_says():
    random = np.random.default_rng(0)
    found = [median_interval(values) for values in random.exponential(size=(2000, 8))]
    hit = np.mean([one.low <= math.log(2) <= one.high for one in found])
    assert hit == pytest.approx(found[0].coverage, abs=0.015)


@pytest.mark.parametrize(("count", "coverage"), [(1, 0.0), (2, 0.5), (3, 0.75), (5, 0.9375)])
def test_below_six_values_it_is_their_range(count, coverage):
    values = [3.0, 1.0, 5.0, 2.0, 4.0][:count]
    found = median_interval(values)
    assert (found.low, found.high, found.coverage) == (min(values), max(values), pytest.approx(coverage))


def test_there_is_no_median_of_nothing():
    with pytest.raises(ValueError, match="no values"):
        median_interval([])


def test_tables_show_the_median_and_its_interval(records):
    record = msgspec.structs.replace(records[0], total=100.0, style_weighted=30.0, content_weighted=70.0)
    grid = make_grid(repeated(record, 5))
    (block,) = grid.blocks
    assert len(block.records) == 1 and len(grid.records) == 5
    assert next(iter(block.records.values())).repeat == 0
    assert losses(grid, block, block.columns).iloc[0, -1] == "3.00e2 [1.00e2, 5.00e2] = 3.00e1 + 7.00e1"
    assert runtimes(grid, block, block.columns).iloc[0, -1] == "30.0 [10.0, 50.0] s (first step 2.12 s)"
    assert similarities(grid, block, block.columns).iloc[0, -1] == "0.300 [0.100, 0.500] / 0.123 [0.123, 0.123]"
    row = table1_frame(grid).iloc[0]
    key = f"{block.columns[0].key} | "
    assert [row[key + name] for name in ("total", "total_low", "total_high")] == [300.0, 100.0, 500.0]
    assert (row[key + "repeats"], row[key + "repeats_ok"], row[key + "status"]) == (5, 5, "ok")


def test_failed_repeats_are_counted(records):
    cells = repeated(records[0], 5)
    for number in (1, 3):
        cells[number] = msgspec.structs.replace(cells[number], status=Status.OOM, reason="too large", total=None)
    grid = make_grid(cells)
    (block,) = grid.blocks
    assert losses(grid, block, block.columns).iloc[0, -1].endswith("(**3 of 5 repeats ok**)")
    row, key = table1_frame(grid).iloc[0], f"{block.columns[0].key} | "
    assert (row[key + "repeats_ok"], row[key + "reason"]) == (3, "repeat 1 oom: too large")
    lost = make_grid([msgspec.structs.replace(cell, status=Status.OOM, reason="too large") for cell in cells])
    assert losses(lost, lost.blocks[0], block.columns).iloc[0, -1].startswith("**oom**")
    assert math.isnan(table1_frame(lost).iloc[0][key + "total"])


def test_the_report_explains_its_brackets(make_run, records):
    folder = make_run(repeated(records[0], 6), order_seed=3)
    build_report(folder.path)
    text = folder.report.read_text()
    assert "Each cell ran 6 times, each time in a fresh process, the jobs in an order shuffled with seed 3" in text
    assert "noise of its own, of 1 grey level," in text
    assert "with 6 repeats, the brackets hold the median of the distribution with a probability of 96.9%" in text
    assert len(folder.results_csv.read_text().splitlines()) == 7
    few = explained(make_grid(repeated(records[0], 5)), 0)
    assert any("there is no 95% interval, the brackets are the smallest and the largest" in line for line in few)
    silent = [msgspec.structs.replace(one, init_noise=0.0) for one in repeated(records[0], 5)]
    assert "repeats differ in their times only" in explained(make_grid(silent), 0)[0]
    assert explained(make_grid(records), None) == []
