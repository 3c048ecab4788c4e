"""``nstbench compare`` on run folders as they lie on disk."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from nstbench.cli import main
from nstbench.results import CellEntry, Manifest, Record, RunFolder, append, write_manifest

Write = Callable[..., str]

NETWORKS = (("vgg19", "torch"), ("vgg19", "tensorflow"))


@dataclass(frozen=True)
class Ended:
    """How the command ended, and what it printed."""

    code: int
    out: str
    err: str


@pytest.fixture
def nstbench(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    def call(*arguments: str) -> Ended:
        with pytest.raises(SystemExit) as stopped:
            main(arguments)
        return Ended(int(stopped.value.code or 0), *capsys.readouterr())

    return call


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    monkeypatch.chdir(tmp_path)

    def make(name: str, records: list[Record]) -> str:
        folder = RunFolder(Path(name))
        folder.create()
        cells = tuple(CellEntry(id=one.cell, title=one.cell) for one in records)
        write_manifest(folder, Manifest(name=name, nstbench="0.2.0", created="", command="", cells=cells))
        for one in records:
            append(folder, one)
        return name

    return make


def test_exit_codes_and_the_last_line(nstbench: Any, write: Write, make_record: Any) -> None:
    a = write("a", [make_record(), make_record(layers=2)])
    b = write("b", [make_record(total=1000.0), make_record(layers=2)])
    ended = nstbench("compare", a, b)
    assert (ended.code, ended.err) == (1, "")
    assert ended.out.splitlines()[-1].startswith("regression: total +5.6% over all cells, 1 of 2 cells worse")
    assert nstbench("compare", a, b, "--threshold", "12%").code == 0
    assert nstbench("compare", a, b, "--threshold", "0.12").out.splitlines()[-1] == "no regression (threshold 0.12)"
    assert nstbench("compare", b, a).code == 0


def test_repeats_have_an_interval_in_the_terminal_in_markdown_and_in_json(
    nstbench: Any, write: Write, noisy_records: Any
) -> None:
    a = write("a", noisy_records(0, NETWORKS[:2]))
    b = write("b", noisy_records(1, NETWORKS[:2], slowdown=1.4))
    ended = nstbench("compare", a, b)
    assert ended.code == 1 and "4 cells in both runs; 5 and 5 repeats" in ended.out
    text = nstbench("compare", a, b, "--markdown").out
    assert text.startswith("# a → b") and "**regression: " in text and "| + | step_ms_median | 4 |" in text
    data = json.loads(nstbench("compare", a, b, "--json").out)
    time = next(one for one in data["metrics"] if one["metric"] == "step_ms_median")
    assert (data["exit_code"], time["regression"]) == (1, True) and 1.05 < time["low"] < time["ratio"] < time["high"]


def test_nothing_to_compare_is_said_in_a_sentence(nstbench: Any, write: Write, make_record: Any) -> None:
    a, b = write("a", [make_record()]), write("b", [make_record(content="chelsea")])
    for arguments, said in [
        ((a, b), "no cell of the one run is in the other: content is astronaut in the first and chelsea in the"),
        ((a, "nowhere"), "nowhere is not a run folder"),
        ((a, a, "--threshold", "5"), "'5' is not a share: write 5% or 0.05"),
    ]:
        ended = nstbench("compare", *arguments)
        assert (ended.code, ended.out) == (2, "") and said in ended.err and "Traceback" not in ended.err


def test_settings_that_differ_are_printed(nstbench: Any, write: Write, make_record: Any) -> None:
    a = write("a", [make_record()])
    b = write("b", [msgspec.structs.replace(make_record(), iterations=300, machine="b" * 10)])
    out = nstbench("compare", a, b).out
    assert "What differs, beside the results" in out and "iterations" in out and "300" in out
    assert "Times of 1 cells are not compared" in out


def test_no_framework_is_imported(write: Write, make_record: Any) -> None:
    a = write("a", [make_record()])
    heavy = "{'torch', 'torchvision', 'tensorflow', 'keras', 'pandas', 'matplotlib', 'skimage'} & set(sys.modules)"
    code = f"import atexit, sys; atexit.register(lambda: print({heavy})); from nstbench.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code, "compare", a, a], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and done.stdout.splitlines()[-1] == "set()", done.stdout + done.stderr
