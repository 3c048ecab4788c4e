from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import nstbench
from nstbench.execute.estimate import estimate, remember_speed
from nstbench.execute.plan import Plan
from nstbench.execute.recording import Recorder
from nstbench.results import Record

SUITE = """
name: guess
images: {{content: {{a: "skimage:astronaut"}}, style: {{b: "skimage:immunohistochemistry"}}}}
image_size: {size}
backends: [torch]
threads: 2
backbones: {{resnet50: {{weights: "random:0", style_layers: [conv2_block2_2_bn]}}}}
iterations: {iterations}
"""


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("NSTBENCH_CACHE_DIR", str(tmp_path / "cache"))
    yield


@pytest.fixture
def plan(tmp_path: Path) -> Any:
    def make(size: int = 128, iterations: int = 100) -> Plan:
        path = tmp_path / "suite.yaml"
        path.write_text(SUITE.format(size=size, iterations=iterations))
        return nstbench.plan(path, out=tmp_path / "run", device="cpu")

    return make


def _record(plan: Plan, step_ms: float, **changes: Any) -> Record:
    (one,) = plan.cells
    fields = {"status": "ok", "height": 128, "width": 128, "step_ms_median": step_ms} | changes
    return Recorder(plan, 2).record(one, fields)


def test_more_work_takes_longer_and_more_memory(plan: Any) -> None:
    small, long, large = estimate(plan()), estimate(plan(iterations=1000)), estimate(plan(size=512))
    assert small.seconds < long.seconds
    assert small.seconds < large.seconds
    assert small.memory_mb < large.memory_mb
    assert (small.measured, small.unknown) == (False, 0)


def test_what_was_measured_here_counts(plan: Any) -> None:
    made = plan()
    remember_speed(made, [_record(made, 1000.0), _record(made, 2000.0), _record(made, 3000.0)])
    found = estimate(plan())
    assert found.measured
    assert found.seconds == pytest.approx(103 * 2.0 + 8, rel=0.05)
    # A quarter of the pixels, a quarter of the time.
    assert estimate(plan(size=64)).seconds == pytest.approx(103 * 0.5 + 8, rel=0.05)


@pytest.mark.parametrize("changes", [{"status": "oom"}, {"step_ms_median": None}])
def test_what_says_nothing_of_speed_is_left_out(plan: Any, changes: dict[str, Any]) -> None:
    made = plan()
    remember_speed(made, [_record(made, 1000.0, **changes)])
    assert not estimate(made).measured


def test_a_damaged_memory_is_no_memory(plan: Any, tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir(exist_ok=True)
    for text in ("", "[1, 2]", '{"a": "b"}', "{"):
        (tmp_path / "cache" / "speed.json").write_text(text)
        assert not estimate(plan()).measured


def test_backbones_without_costs_are_counted(lab: Any) -> None:
    found = estimate(nstbench.plan(lab.suite(), out=lab.folder().path))
    assert (found.unknown, found.memory_mb) == (4, 0)
    assert found.seconds > 0
