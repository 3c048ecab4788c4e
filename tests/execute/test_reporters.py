"""Third parties' reporters, through the commands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from nstbench.results.folder import own_names

ONE = {"content": {"photo": "photo.png"}, "style": {"wave": "wave.png"}}
PLUGIN = """
from nstbench import hookimpl
from nstbench.plugin.descriptors import ReporterInfo


@hookimpl
def nstbench_reporters():
    yield ReporterInfo("list", "fake_reporter:cells", files=("list.txt",))
    yield ReporterInfo("angry", "fake_reporter:angry", files=("angry.txt",))
    yield ReporterInfo("thief", "fake_reporter:cells", files=("list.csv", "report.md"))


def cells(run):
    print("listing")
    rows = run.results.to_dict("records")
    return {"list.txt": "".join(f"{row['status']} {run.link(run.folder.image(row['cell']))}\\n" for row in rows)}


def angry(run):
    raise SystemExit(4)
"""
PROBLEMS = [
    "plugin fake_reporter: nstbench_reporters: ValueError: 'report.md' in a run folder belongs to nstbench",
    "plugin fake_reporter: reporter angry: SystemExit: 4",
]


def command(lab: Any, *arguments: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", lab.program, *arguments]
    return subprocess.run(line, env=os.environ | lab.environment, capture_output=True, text=True, check=False)


def test_reporters_in_a_run_and_in_a_report(lab: Any) -> None:
    lab.install("fake_reporter", PLUGIN)
    lab.suite([["mix1"], ["step-raise"]], images=ONE)
    code, errors = lab.run()
    folder = lab.folder()
    assert code == 1  # of the cell alone
    assert "listing" in errors.splitlines()
    assert [line for line in errors.splitlines() if line.startswith("plugin fake_reporter")] == PROBLEMS
    paths = [str(folder.path / name) for name in ("report.md", "list.txt")]
    assert lab.output.splitlines() == paths
    listed = (folder.path / "list.txt").read_text()
    ok, failed = sorted(listed.splitlines(), reverse=True)
    assert ok.startswith("ok cells/photo_wave_") and ok.endswith("/image.png") and failed == "error None"
    assert {path.name for path in folder.path.iterdir()} <= own_names() | {"list.txt"}
    assert "fake_reporter" in {one["plugin"] for one in json.loads(folder.manifest.read_text())["plugins"]}
    (folder.path / "list.txt").unlink()
    (folder.path / "angry.txt").write_text("of an earlier run")
    again = command(lab, "report", str(folder.path))
    assert (again.returncode, again.stdout.splitlines()) == (0, paths)
    assert [line for line in again.stderr.splitlines() if line.startswith("plugin fake_reporter")] == PROBLEMS
    assert (folder.path / "list.txt").read_text() == listed
    assert not (folder.path / "angry.txt").exists()


def test_reporters_are_listed(lab: Any) -> None:
    lab.install("fake_reporter", PLUGIN)
    rows = json.loads(command(lab, "plugins", "--json").stdout)
    [row] = [row for row in rows if row["plugin"] == "fake_reporter"]
    assert row["announces"] == ["reporters:angry", "reporters:list"]
    assert [problem["stage"] for problem in row["problems"]] == ["nstbench_reporters"]
