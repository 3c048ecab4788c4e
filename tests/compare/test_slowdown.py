"""Two real runs of a shuffled, repeated suite: a third party's backend that sleeps longer in its steps is noticed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from nstbench.cli import main

FAKE = Path(__file__).parent.parent / "execute" / "fake"
SUITE = {
    "name": "slow",
    "images": {"content": {"photo": "photo.png"}, "style": {"print": "print.png"}},
    "image_size": 40,
    "backends": ["fake"],
    "backbones": {
        "fakenet": {"weights": "fake-weights", "content_layers": ["mix2"], "style_layers": ["mix1"], "style_weight": 9}
    },
    "iterations": 6,
    "threads": 1,
    "repeats": 5,
    "referee": "none",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three runs: two with steps of 60 ms, one with half as much again."""
    path = tmp_path_factory.mktemp("slowdown")
    for name, height in (("photo", 32), ("print", 36)):
        Image.linear_gradient("L").convert("RGB").resize((40, height)).rotate(height).save(path / f"{name}.png")
    (path / "suite.yaml").write_text(json.dumps(SUITE))
    for out, seconds in (("first", "0.06"), ("second", "0.06"), ("slow", "0.09")):
        program = [sys.executable, str(FAKE / "without_figures.py"), "run", "suite.yaml", "--out", out]
        more = {"NSTBENCH_FAKE_STEP_S": seconds, "NSTBENCH_CACHE_DIR": str(path / "cache")}
        paths = os.pathsep.join(filter(None, (str(FAKE), os.environ.get("PYTHONPATH"))))
        done = subprocess.run(
            program,
            cwd=path,
            env=os.environ | more | {"PYTHONPATH": paths},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    return path


def compared(
    folder: Path, before: str, after: str, printed: pytest.CaptureFixture[str]
) -> tuple[int, dict[str, dict[str, object]]]:
    with pytest.raises(SystemExit) as ended:
        main(["compare", str(folder / before), str(folder / after), "--json"])
    return int(ended.value.code or 0), {one["metric"]: one for one in json.loads(printed.readouterr().out)["metrics"]}


def test_two_equal_runs_are_not_flagged(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, metrics = compared(folder, "first", "second", capsys)
    assert code == 0, metrics
    assert metrics["total"]["ratio"] == 1.0  # the same noise of the start, repeat by repeat


def test_the_slow_one_is(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, metrics = compared(folder, "first", "slow", capsys)
    assert code == 1
    assert [name for name, one in metrics.items() if one["regression"]] == ["optimise_s", "step_ms_median"]
    assert float(str(metrics["step_ms_median"]["low"])) > 1.1
    assert compared(folder, "slow", "first", capsys)[0] == 0
