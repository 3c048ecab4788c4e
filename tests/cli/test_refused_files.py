"""Folders, devices and runs that cannot be used: exit code 2, a remedy, and no half-written run."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from .suites import TORCH, Refused, WriteSuite, assert_nothing_ran


@pytest.mark.parametrize("out", ["file", "file/out", "/proc/nstbench", "/dev/null", "/dev/full/out", "x" * 300])
def test_an_output_folder_that_cannot_be_written(out: str, write_suite: WriteSuite, refused: Refused) -> None:
    """Root may write where permissions say no, so these are places where nobody can."""
    Path("file").write_text("mine")
    said = refused("run", write_suite(), "--out", out)
    assert "--out" in said or "File name too long" in said


def test_the_usual_output_folder_cannot_be_made(write_suite: WriteSuite, refused: Refused) -> None:
    Path("reports").write_text("mine")
    assert "reports/small" in refused("run", write_suite())


@pytest.mark.parametrize("options", [(), ("--fresh",), ("--retry", "all")])
def test_somebody_elses_folder(options: tuple[str, ...], write_suite: WriteSuite, refused: Refused) -> None:
    Path("thesis/cells").mkdir(parents=True)
    Path("thesis/chapter1.tex").write_text("years of work")
    said = refused("run", write_suite(), "--out", "thesis", *options)
    assert "thesis holds files that are not a run" in said


@pytest.mark.parametrize("options", [(), ("--fresh",)])
def test_a_published_example(options: tuple[str, ...], write_suite: WriteSuite, refused: Refused) -> None:
    Path("example").mkdir()
    Path("example/run.json").write_text('{"schema": 1, "nstbench": "0.1.0", "frozen": true}')
    assert "never changed" in refused("run", write_suite(), "--out", "example", *options)


def test_no_room_on_the_disk(write_suite: WriteSuite) -> None:
    """Every write fails, as on a full disk; only that nothing needs to be filled for it."""
    command = [sys.executable, "-m", "nstbench", "run", str(write_suite()), "--out", "out"]
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # noqa: E731
    done = subprocess.run(command, preexec_fn=limit, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2, done.stderr
    assert len(done.stderr.strip().splitlines()) == 1 and "Choose another" in done.stderr
    assert [path.name for path in Path("out").rglob("*")] in ([], [".nstbench.lock"])


@pytest.mark.parametrize("place", ["file/cache", "/proc/nstbench"])
def test_a_cache_that_cannot_be_written_is_no_obstacle_to_a_plan(
    place: str, nstbench: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("file").touch()
    monkeypatch.setenv("NSTBENCH_CACHE_DIR", place)
    assert nstbench("plan", "quickstart").code == 0
    assert nstbench("backbones").code == 0


def test_a_cache_that_cannot_be_written_stops_a_run_at_once(
    write_suite: WriteSuite, nstbench: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("file").touch()
    monkeypatch.setenv("NSTBENCH_CACHE_DIR", "file/cache")
    ended = nstbench("run", write_suite(), "--out", "out")
    assert ended.code == 2 and "file/cache" in ended.err
    assert_nothing_ran()


@pytest.mark.parametrize("command", ["plan", "run"])
@pytest.mark.parametrize(
    ("device", "reason"),
    [
        ("cuda", "no NVIDIA GPU"),
        ("cuda:7", "no NVIDIA GPU"),
        ("gpu", "'gpu' is not one of auto, cpu, cuda, cuda:N"),
        ("cuda:x", "is not one of"),
        ("cuda:", "is not one of"),
        ("cuda:-1", "is not one of"),
        ("cpu:0", "is not one of"),
        ("", "is not one of"),
        ("CUDA", "is not one of"),
    ],
)
def test_a_device_that_is_not_there(
    command: str, device: str, reason: str, write_suite: WriteSuite, refused: Refused
) -> None:
    said = refused(command, write_suite(), "--device", device)
    assert reason in said and "--device" in said


@pytest.mark.parametrize("folder", ["nowhere", ".", "file"])
def test_a_report_of_what_is_no_run(folder: str, refused: Refused) -> None:
    Path("file").touch()
    assert folder in refused("report", folder) or folder == "."


@pytest.mark.parametrize("text", ["", "[]", "{", '{"schema": 99, "nstbench": "9.0"}', '{"schema": "x"}'])
def test_a_report_of_a_damaged_run(text: str, refused: Refused) -> None:
    Path("run").mkdir()
    Path("run/run.json").write_text(text)
    refused("report", "run")


def test_a_damaged_line_of_records_is_not_the_end(write_suite: WriteSuite, nstbench: Callable) -> None:
    """The last line can be torn by a power cut."""
    Path("out").mkdir()
    Path("out/.nstbench.lock").touch()
    Path("out/records.jsonl").write_bytes(b'{"cell": "a", "conte')
    assert nstbench("plan", write_suite(), "--out", "out").code == 0


def test_a_folder_that_another_run_writes_to(write_suite: WriteSuite, nstbench: Callable) -> None:
    suite = write_suite(TORCH)
    Path("out").mkdir()
    hold = "import fcntl, sys; f = open('out/.nstbench.lock', 'w'); fcntl.flock(f, 2); print('held'); sys.stdin.read()"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-uc", hold], text=True, **pipes) as other:
        assert other.stdout.readline() == "held\n"
        ended = nstbench("run", suite, "--out", "out")
        other.stdin.close()
    assert ended.code == 2 and "another run is writing to out" in ended.err
    assert Path("out/.nstbench.lock").exists()
