"""``benchmarks/gpu.py`` from end to end at tiny sizes on a CPU; and, on a GPU, its checks of correctness."""

from __future__ import annotations

import csv
import math
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from nstbench.measure.device import has_nvidia

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "gpu.py"
SOME = "products,cell: float32,graph vgg19,CPU vgg19,batch vgg19,tables,Gram,growth vgg19,profile vgg19"


def play(*arguments: str | Path, python: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *python, str(SCRIPT), *map(str, arguments)], capture_output=True, text=True)


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "gpu.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def value(found: list[dict[str, str]], what: str, **columns: str) -> float:
    wanted = {"what": what, **columns}
    (row,) = [row for row in found if all(row[name] == one for name, one in wanted.items())]
    return float(row["value"])


def test_help_needs_nothing_installed() -> None:
    done = play("--help", python=["-S", "-I"])
    assert done.returncode == 0, done.stderr
    assert "--minutes" in done.stdout


@pytest.mark.torch
def test_all_sections_run_on_a_cpu(tmp_path: Path) -> None:
    done = play("--device", "cpu", "--quick", "--only", SOME, "--threads", "1", "--results", tmp_path)
    assert done.returncode == 0, done.stderr[-3000:]
    found = rows(tmp_path)
    assert {row["status"] for row in found if not row["what"].startswith("graph against eager")} == {"ok"}
    graphs = [row for row in found if row["what"].startswith("graph against eager")]
    assert {(row["status"], row["reason"]) for row in graphs} == {("left out", "cpu has no CUDA graphs")}
    judged = [row for row in found if row["bound"]]
    assert len(judged) == 5
    assert {row["passed"] for row in judged} == {"yes"}, judged
    assert value(found, "cell: final total", network="vgg19") < value(found, "cell: start total", network="vgg19")
    share, rate = (
        value(found, what, precision="float32", **columns)
        for what, columns in (("share of the matrix-product rate", {"task": "cell: float32"}), ("matrix product", {}))
    )
    reached = value(found, "rate of the step's arithmetic", task="cell: float32")
    assert math.isclose(share, reached / rate, rel_tol=1e-4)
    assert value(found, "both tables, the faster way") > 0
    assert "aten::" in (tmp_path / "gpu-profile-vgg19.txt").read_text()
    assert "5 of 5 bounds hold." in done.stdout


@pytest.mark.torch
def test_what_there_is_no_time_for_is_a_row(tmp_path: Path) -> None:
    done = play("--device", "cpu", "--quick", "--minutes", "0", "--results", tmp_path)
    assert done.returncode == 1, done.stderr[-3000:]
    assert {row["status"] for row in rows(tmp_path)} == {"left out"}
    assert len(rows(tmp_path)) > 20
    if not has_nvidia():
        refused = play("--results", tmp_path / "none")
        assert (refused.returncode, (tmp_path / "none").exists()) == (2, False)


@pytest.mark.gpu
@pytest.mark.torch
@pytest.mark.skipif(not has_nvidia(), reason="no NVIDIA GPU on this machine")
def test_graphs_batches_and_the_cpu_agree_on_a_gpu(tmp_path: Path) -> None:
    done = play("--only", "correctness", "--results", tmp_path)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    judged = [row for row in rows(tmp_path) if row["bound"]]
    assert len([row for row in judged if row["what"] == "steps that were not captured"]) == 6
    assert {row["passed"] for row in judged} == {"yes"}, done.stdout
