"""Third-party plugins through the real command, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Install = Callable[..., Path]

SUITE = """\
name: third-party
images:
  content: {chelsea: "skimage:chelsea"}
  style: {ihc: "skimage:immunohistochemistry"}
image_size: 64
backends: [torch]
backbones:
  tiny: {weights: WEIGHTS}
iterations: 2
referee: none
"""

RUNNABLE = """
from nstbench import hookimpl
from nstbench.plugin.descriptors import BackboneInfo, Preprocessing, WeightsFile, WeightsInfo

@hookimpl
def nstbench_backbones():
    return [
        BackboneInfo(
            "tiny",
            "nst_runs.network:build",
            requires=("torch",),
            backend="torch",
            layers={"stem": "0", "top": "2"},
            content_layers=("top",),
            style_layers=("stem", "top"),
            weights=("tiny-made-up",),
        )
    ]

@hookimpl
def nstbench_weights():
    return [
        WeightsInfo(
            "tiny-made-up",
            "nst_runs.network:read",
            files={"tiny": WeightsFile("nst_runs/tiny.json", distribution="nst-runs")},
            architecture="tiny",
            preprocessing=Preprocessing("RGB", (127.5, 127.5, 127.5), (127.5, 127.5, 127.5)),
        )
    ]

@hookimpl
def nstbench_cell_finished(cell, record):
    raise OSError(f"seen {cell['label']} {record['status']}")

@hookimpl
def nstbench_run_finished(run):
    print("the end of", run)
"""

WATCHER = """
from nstbench import hookimpl

@hookimpl
def nstbench_cell_finished(cell):
    raise OSError("seen")

@hookimpl
def nstbench_run_finished(run):
    raise OSError("seen")
"""

NETWORK = """
import json

import numpy as np
import torch
from torch import nn


def read(path, backbone):
    with open(path) as file:
        shapes = json.load(file)
    random = np.random.default_rng(0)
    return {name: random.standard_normal(shape) / 5 for name, shape in shapes.items()}


def build(weights):
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(inplace=True), nn.Conv2d(4, 6, 3))
    network.load_state_dict({name: torch.tensor(values) for name, values in weights.tensors.items()})
    return network
"""


def nstbench(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "nstbench", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture
def suite(tmp_path: Path) -> Callable[[str], Path]:
    def write(weights: str) -> Path:
        path = tmp_path / "third-party.yaml"
        path.write_text(SUITE.replace("WEIGHTS", weights))
        return path

    return write


def test_the_list_of_plugins(good: Path, install: Install, tmp_path: Path) -> None:
    install("nst_bad", "import sys; sys.exit('bye')", version="0.9rc1")
    done = nstbench("plugins", "--json", cwd=tmp_path)
    assert done.returncode == 0 and not done.stderr
    rows = {row["plugin"]: row for row in json.loads(done.stdout)}
    assert rows["nst_good"] == {
        "plugin": "nst_good",
        "distribution": "nst-good",
        "version": "1.2.3",
        "status": "ok",
        "announces": ["backbones:torch/tiny"],
        "observes": [],
        "lacks": "",
        "expected_failures": {},
        "problems": [],
    }
    assert (rows["nst_bad"]["distribution"], rows["nst_bad"]["version"]) == ("nst-bad", "0.9rc1")
    assert rows["nst_bad"]["status"] == "broken"
    assert rows["nst_bad"]["problems"] == [{"stage": "import", "reason": "SystemExit: bye"}]
    assert [rows[name]["status"] for name in ("nstbench", "torch", "tensorflow")] == ["ok"] * 3
    assert rows["torch"]["distribution"] == "nstbench"


def test_what_an_observer_lacks_is_listed(install: Install, tmp_path: Path) -> None:
    install("nst_watcher", f"requires = ('not-there-at-all',)\n{WATCHER}")
    install("nst_wrong", f"requires = 'numpy'\n{WATCHER}")
    rows = {row["plugin"]: row for row in json.loads(nstbench("plugins", "--json", cwd=tmp_path).stdout)}
    assert (rows["nst_watcher"]["status"], rows["nst_watcher"]["observes"]) == ("ok", ["cells", "runs"])
    assert rows["nst_watcher"]["lacks"] == "it needs not-there-at-all: pip install not-there-at-all"
    assert [one["stage"] for one in rows["nst_wrong"]["problems"]] == ["requires"]
    assert "watches cells and runs; it needs not-there-at-all" in nstbench("plugins", cwd=tmp_path).stdout


def test_what_a_plugin_prints_does_not_spoil_the_output(install: Install, tmp_path: Path) -> None:
    install("nst_chatty", "print('welcome to my plugin')")
    done = nstbench("plugins", "--json", cwd=tmp_path)
    assert {row["status"] for row in json.loads(done.stdout)} == {"ok"}
    assert done.stderr == "welcome to my plugin\n"


def test_the_table_of_plugins(good: Path, install: Install, tmp_path: Path) -> None:
    install("nst_bad", "raise ValueError('[red]quite[/] wrong')")
    done = nstbench("plugins", cwd=tmp_path)
    lines = {line.split()[0]: line for line in done.stdout.splitlines()}
    assert " ok " in lines["nst_good"] and "nst-good" in lines["nst_good"] and "1.2.3" in lines["nst_good"]
    assert "broken" in lines["nst_bad"] and "import: ValueError: [red]quite[/] wrong" in lines["nst_bad"]


def test_a_disabled_plugin_is_listed(good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NSTBENCH_DISABLE_PLUGINS", "nst_good")
    rows = {row["plugin"]: row for row in json.loads(nstbench("plugins", "--json", cwd=tmp_path).stdout)}
    assert (rows["nst_good"]["status"], rows["nst_good"]["distribution"]) == ("disabled", "nst-good")


def test_a_third_partys_backbone_in_a_plan(
    good: Path, install: Install, suite: Callable[[str], Path], tmp_path: Path
) -> None:
    """Its module of descriptors is imported, its network is not; a broken neighbour is named and stops nothing."""
    (good / "network.py").write_text("raise SystemExit('imported by the parent')")
    install("nst_bad", "1 / 0")
    done = nstbench("plan", suite("random:0"), cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "chelsea/ihc/tiny/torch/random:0/" in done.stdout
    assert "1 new" in done.stdout
    assert "plugin nst_bad: import: ZeroDivisionError: division by zero" in done.stdout
    shown = nstbench("backbones", "tiny", cwd=tmp_path)
    assert shown.returncode == 0 and "tiny on torch" in shown.stdout and "stem" in shown.stdout


def test_a_misspelt_layer_of_a_third_partys_backbone(good: Path, suite: Callable[[str], Path], tmp_path: Path) -> None:
    done = nstbench("plan", suite("random:0, style_layers: [stm]"), cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.strip().endswith("third-party.yaml:8: tiny has no layer 'stm'; did you mean 'stem'?")


def test_a_changed_plugin_makes_its_cells_stale(good: Path, suite: Callable[[str], Path], tmp_path: Path) -> None:
    code = (
        "import sys; from nstbench import plan; before = plan(sys.argv[1]).cells[0].identity; print('identity', before)"
    )

    def identity() -> str:
        command = [sys.executable, "-c", code, str(suite("random:0"))]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    before = identity()
    assert identity() == before
    (good / "network.py").write_text("# the network is another one now\n")
    assert identity() != before


def test_another_version_of_what_a_backbone_requires_makes_its_cells_stale(
    good: Path, install: Install, suite: Callable[[str], Path], tmp_path: Path
) -> None:
    """A network of a library is what the library makes of it."""
    hooks = good / "__init__.py"
    hooks.write_text(hooks.read_text().replace('backend="torch",', 'backend="torch", requires=("nst-library",),'))
    library = install("nst_library", "")
    metadata = library.with_name("nst_library-1.2.3.dist-info") / "METADATA"
    code = "import sys; from nstbench import plan; print('identity', plan(sys.argv[1]).cells[0].identity)"
    found = []
    for version in ("1.2.3", "1.2.3", "1.3.0"):
        metadata.write_text(f"Metadata-Version: 2.1\nName: nst-library\nVersion: {version}\n")
        command = [sys.executable, "-c", code, str(suite("random:0"))]
        found.append(subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout)
    assert found[0] == found[1] != found[2]


def test_what_a_backbone_requires_is_looked_for_without_importing(
    install: Install, suite: Callable[[str], Path], tmp_path: Path
) -> None:
    """A cell that cannot run is a row in the report with its remedy, and exit code 1."""
    install("nst_runs", RUNNABLE.replace('requires=("torch",)', 'requires=("not-there-at-all",)'))
    remedy = "tiny needs not-there-at-all: pip install not-there-at-all"
    plan = nstbench("plan", suite("tiny-made-up"), cwd=tmp_path)
    assert plan.returncode == 0 and "1 unavailable" in plan.stdout and remedy in plan.stdout
    done = nstbench("run", tmp_path / "third-party.yaml", "--out", "out", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert remedy in (tmp_path / "out" / "results.csv").read_text()
    assert "unavailable" in (tmp_path / "out" / "report.md").read_text()


@pytest.mark.torch
def test_a_third_partys_backbone_runs(install: Install, suite: Callable[[str], Path], tmp_path: Path) -> None:
    """A descriptor, a function that builds and one that reads are all it takes; observers see the run."""
    package = install("nst_runs", RUNNABLE)
    (package / "network.py").write_text(NETWORK)
    shapes = {"0.weight": [4, 3, 3, 3], "0.bias": [4], "2.weight": [6, 4, 3, 3], "2.bias": [6]}
    (package / "tiny.json").write_text(json.dumps(shapes))
    done = nstbench("run", suite("tiny-made-up"), "--out", "out", "--device", "cpu", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "plugin nst_runs: nstbench_cell_finished: OSError: seen tiny ok" in done.stderr
    assert "the end of out" in done.stderr and done.stdout.split() == ["out/report.md", "out/report.html"]
    assert "nst-runs" in (tmp_path / "out" / "run.json").read_text()
