"""A few pixels through a real worker: exit codes, what is printed, and what a second call finds."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.torch

SUITE = """\
name: tiny
images:
  content: {chelsea: "skimage:chelsea"}
  style: {ihc: "skimage:immunohistochemistry"}
image_size: 48
backends: [torch, tensorflow]
backbones:
  vgg19:
    weights: random:0
    backends: [torch]
    content_layers: [block1_conv2]
    style_layers: [block1_conv1]
iterations: 2
referee: none
"""

WATCHED = """
import sys
from nstbench.cli import main
try:
    main()
finally:
    found = {name.partition(".")[0] for name in sys.modules} & {"torch", "torchvision", "tensorflow", "keras", "jax"}
    print("imported:", sorted(found))
"""


def test_a_run_and_what_follows(write_suite: Callable[..., Path], nstbench: Callable) -> None:
    suite = write_suite(text=SUITE)
    command = [sys.executable, "-c", WATCHED, "run", str(suite), "--out", "out"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["out/report.md", "out/report.html", "imported: []"]
    lines = done.stderr.splitlines()
    assert "1 new, 1 skipped" in lines[0]
    assert sum("[1/1]" in line and " ok " in line and "total" in line for line in lines) == 1
    assert "\x1b" not in done.stderr and "Traceback" not in done.stderr

    assert "1 done, 1 skipped" in nstbench("plan", suite, "--out", "out").out
    assert "1 new, 1 skipped" in nstbench("plan", suite, "--out", "out", "--set", "seed=1").out
    again = nstbench("run", suite, "--out", "out", "--quiet")
    assert (again.code, again.out, again.err) == (0, "out/report.md\nout/report.html\n", "")
    assert len(Path("out/records.jsonl").read_text().splitlines()) == 2
    Path("out/report.md").unlink()
    assert nstbench("report", "out").out == "out/report.md\nout/report.html\n"
    assert Path("out/report.md").stat().st_size > 0


def test_a_cell_that_fails_is_a_row_and_exit_code_1(write_suite: Callable[..., Path], nstbench: Callable) -> None:
    suite = write_suite(text=SUITE)
    ended = nstbench("run", suite, "--set", "backbones.vgg19.style_weight=[1, 1e38]", "--out", "out")
    assert ended.code == 1
    assert all(count in ended.err for count in ("1 diverged", "1 ok", "2 skipped"))
    assert "--retry failed" in ended.err and "Traceback" not in ended.err
    assert "diverged" in Path("out/results.csv").read_text()
    assert "diverged" in Path("out/report.md").read_text()
    plan = nstbench("plan", suite, "--set", "backbones.vgg19.style_weight=[1, 1e38]", "--out", "out")
    assert "1 done, 1 failed, 2 skipped" in plan.out and "diverged: " in plan.out
