"""Fits, what follows from them, and the page: on made-up rows; and a small point measured."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from contest.arithmetic import Arithmetic
from contest.roster import FOLDER
from contest.rows import machine
from scaling.fit import line, power_law
from scaling.measure import Laboratory
from scaling.network import exchanged_mb, halo, kept_share, tiles, twice_forward
from scaling.page import page
from scaling.points import AXES, QUICK, points
from scaling.run import publish, stored
from scaling.tables import fits, grid_of, grouped

Row = dict[str, str]


def test_help_needs_no_package() -> None:
    call = [sys.executable, "-S", str(FOLDER / "growth.py"), "--help"]
    done = subprocess.run(
        call, capture_output=True, text=True, timeout=60, check=False, env={"PATH": os.environ["PATH"]}
    )
    assert (done.returncode, done.stderr) == (0, "")
    for option in ("--backend", "--axis", "--values", "--quick", "--page", "--limit-s", "--results"):
        assert option in done.stdout


def test_a_power_law_is_found_as_it_was_made() -> None:
    sides = [128.0, 192.0, 256.0, 512.0, 1024.0]
    law = power_law(sides, [3e-3 * side**1.9 for side in sides])
    assert law is not None
    assert (law.exponent, law.factor) == (pytest.approx(1.9), pytest.approx(3e-3))
    assert law.high - law.low < 1e-9
    assert law.deviation < 1e-9
    assert law.between(2880) == (pytest.approx(law.at(2880)), pytest.approx(law.at(2880)))


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    random, sides = np.random.default_rng(0), np.array([128.0, 192.0, 256.0, 384.0, 512.0, 768.0, 1024.0])
    exponents, values = 0, 0
    for _ in range(400):
        law = power_law(list(sides), list(2 * sides**2 * np.exp(random.normal(0, 0.1, len(sides)))))
        assert law is not None
        low, high = law.between(2880)
        exponents += law.low <= 2 <= law.high
        values += low <= 2 * 2880**2 <= high
    # Binomial of 400 and 0.95: standard deviation 4.4.
    assert abs(exponents - 380) < 18
    assert abs(values - 380) < 18


def test_what_is_no_power_law_is_said_to_be_none() -> None:
    law = power_law([1, 10, 100, 1000], [500 + x for x in (1, 10, 100, 1000)])
    assert law is not None
    assert law.deviation > 0.2


def test_a_line_and_too_few_points() -> None:
    found = line([1e4, 1e5, 1e6], [400 + 2e-3 * pixels for pixels in (1e4, 1e5, 1e6)])
    assert found is not None
    assert (found.start, found.slope) == (pytest.approx(400), pytest.approx(2e-3))
    assert line([1, 2], [1, 2]) is None
    assert power_law([1, 2], [1, 2]) is None


def test_what_the_layers_say_of_tiles_and_checkpoints() -> None:
    # Convolutions reach 2 x 1, 2 x 2, 4 x 4, 4 x 8 and 2 x 16 px: 86, and positions of block5 are 16 px.
    assert halo() == 96
    assert list(tiles(64, 2048, 1024)) == [(64, 1024 + 96), (64, 1024 + 96)]
    assert sum(1 for _ in tiles(2160, 3840, 1024)) == 12
    # Per pixel: 128, 64, 64, 32 and 4 numbers in the blocks' convolutions; 16, 8, 4 and 2 that enter the last four.
    assert kept_share() == pytest.approx((30 + 128) / (30 + 292))
    assert exchanged_mb() == pytest.approx(8 * (64**2 + 128**2 + 256**2 + 2 * 512**2) / 2**20)
    assert twice_forward(Arithmetic(40, 40, 20)) == pytest.approx(1.4)


def row(axis: str, value: int, **fields: object) -> Row:
    made = {
        "date": "2000-01-01",
        "machine": "0123456789",
        "cpu": "made up",
        "cores": 2,
        "memory_mb": 8192,
        "platform": "Linux",
        "versions": "python=3 torch=2",
        "backend": "torch",
        "threads": 2,
        "axis": axis,
        "value": value,
        "size": value if axis == "size" else 64,
        "layers": value if axis == "layers" else 5,
        "batch": value if axis == "batch" else 1,
        "iterations": 20,
        "status": "ok",
        "reason": "",
        "start_s": 3.0,
        "gflop": 1.0,
        "gflops": 100.0,
        "others_share": 0.01,
        "peak_memory_mb": 500,
    }
    return {name: str(text) for name, text in (made | fields).items()}


def steps(ms: float) -> dict[str, float]:
    return {"step_ms": ms, "step_ms_low": ms, "step_ms_high": ms}


def made_up() -> list[Row]:
    """Time with the square of the side, memory with the pixels; a cell is 21 evaluations of 50 ms and 0.1 s."""
    sizes = [row("size", s, **steps(s**2 / 100), peak_memory_mb=400 + s**2 / 500) for s in (128, 256, 512)]
    too_large = row("size", 1024, status="skipped", reason="would take long | too long")
    counts = (1, 10, 40)
    cells = [
        row("cells", n, **steps(50), wall_s=5 + n * 1.15, optimise_s=n, evaluations=21 * n, folder_mb=1 + n)
        for n in counts
    ]
    return [*cells, *sizes, too_large]


def test_a_grid_beside_its_steps_and_one_start() -> None:
    one, _, forty = grid_of(made_up(), "torch")
    assert one.ratio == pytest.approx(1.0)
    assert one.run_start_s == pytest.approx(5.1)  # 5 s, and what one cell takes beyond its steps
    assert forty.ratio == pytest.approx((5 + 46) / (42 + 5.1))
    assert forty.ratio_to_worker == pytest.approx((5 + 46) / (42 + 3))
    assert grid_of(made_up()[1:], "torch") == []


def test_points_without_figures_are_in_the_table_and_not_in_the_fit() -> None:
    found = fits(made_up(), "torch", "size")
    assert found.time is not None
    assert found.time.exponent == pytest.approx(2.0)
    assert found.time.count == 3
    assert "not measured: would take long \\| too long" in page(made_up())


def test_disturbed_points_are_shown_and_not_fitted() -> None:
    rows = [*made_up(), row("size", 64, **steps(1e4), others_share=0.5)]
    assert fits(rows, "torch", "size").time == fits(made_up(), "torch", "size").time
    assert "| 10000 (10000 to 10000) " in page(rows)


def test_what_was_not_measured_is_named() -> None:
    assert "yet: style layers on torch, pictures in a batch on torch, side in px on tensorflow," in page(made_up())


def test_the_page_works_out_what_large_pictures_and_grids_cost() -> None:
    text = page(made_up())
    assert "made up, 2 cores, 8 GiB, Linux; python=3, torch=2; 2000-01-01." in text
    # 2880 px: 82,944 ms a step; 400 MiB and 1 / 500 of 8,294,400.
    assert "82.9" in text
    assert f"{(400 + 8294400 / 500) / 1024:.1f}" in text
    # 1001 steps of 2.62144 s for each of 10,000 cells, and 0.1 s: 303.7 days.
    assert "| 304 " in text
    assert "0.100" in text
    assert "1.1 times its steps where a cell's steps take 1.0 s or more on torch." in text


def test_a_point_that_would_not_fit_says_so_and_is_not_started() -> None:
    axis = AXES[0]
    (large,) = points(axis, [1024])
    before = [row("size", 512, **steps(5000), gflop=next(points(axis, [512])).gflop)]
    before[0] |= {"machine": machine()["machine"], "threads": "1"}
    found = Laboratory("torch", 1, 60, 1, print).row(large, before)
    assert found["status"] == "skipped"
    assert found["reason"].startswith("would take about 100 s")  # four times as long, three iterations and two more
    before[0]["peak_memory_mb"] = "1e12"
    assert Laboratory("torch", 1, 1e9, 1, print).row(large, before)["reason"].startswith("may need 4000000000000 MiB")


def test_the_published_page_is_what_the_stored_rows_give(tmp_path: Path) -> None:
    rows = stored(FOLDER / "results")
    assert rows
    docs = FOLDER.parent / "docs"
    assert (docs / "performance.md").read_text(encoding="utf-8") == page(rows)
    publish(rows, tmp_path)
    for name, _ in grouped(rows):
        assert (docs / "figures" / name).stat().st_size > 10_000
        assert (tmp_path / "figures" / name).stat().st_size > 10_000


@pytest.mark.torch
@pytest.mark.parametrize("axis", ["batch", "cells"])
def test_small_points_are_measured(axis: str, tmp_path: Path) -> None:
    call = [sys.executable, str(FOLDER / "growth.py"), "--quick", "--backend", "torch", "--axis", axis]
    call += ["--values", "2", "--attempts", "1", "--threads", "1", "--results", str(tmp_path)]
    done = subprocess.run(call, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    (found,) = stored(tmp_path)
    assert (found["status"], found["axis"], found[axis]) == ("ok", axis, "2")
    assert float(found["step_ms"]) > 0
    assert float(found["peak_memory_mb"]) > 100
    if axis == "cells":
        assert float(found["wall_s"]) > float(found["optimise_s"]) > 0
        assert found["evaluations"] == "6"  # two cells of two iterations, and the last images
    assert (tmp_path / "performance.md").read_text(encoding="utf-8").startswith("# Performance")


def test_quick_is_small() -> None:
    assert all(point.size <= 64 for axis in QUICK for point in points(axis))
    assert [axis.name for axis in QUICK] == [axis.name for axis in AXES]
