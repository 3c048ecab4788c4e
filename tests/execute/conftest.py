"""A laboratory for the runner: a third party's NumPy backend (``fake/``), small pictures, and runs of all kinds."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from PIL import Image

from nstbench.results import Record, RunFolder, read_records

from .within import command_within

FAKE = Path(__file__).parent / "fake"
PICTURES = {"photo": (32, 40), "print": (32, 36), "wave": (40, 32)}
VARIES = re.compile(r"_s$|step_ms|per_s|time|started|memory|attempt")

Row = dict[str, str]


def picture(seed: int, size: tuple[int, int]) -> Image.Image:
    coarse = np.random.default_rng(seed).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize(size[::-1], Image.Resampling.BICUBIC)


def read_rows(path: Path) -> list[Row]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def workers_of(process: int) -> list[psutil.Process]:
    """Return the processes below this one, those that are dead but not yet waited for left out."""
    try:
        return [child for child in psutil.Process(process).children(recursive=True) if alive(child)]
    except psutil.NoSuchProcess:
        return []


def alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_for(condition: Callable[[], Any], seconds: float = 20.0) -> Any:
    """Return the first true value of ``condition``; fail if there is none in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s: {condition}")


@dataclass
class Run:
    """A ``nstbench run`` in a process of its own; output goes to files, so that nobody has to read along."""

    process: subprocess.Popen[bytes]
    folder: RunFolder
    output: Path
    errors: Path

    def done(self, count: int = 1, seconds: float = 60.0) -> Run:
        """Wait until ``count`` records are on disk and a worker is at the next cell."""
        wait_for(lambda: len(self.records()) >= count and workers_of(self.process.pid), seconds)
        return self

    def records(self) -> list[Record]:
        return read_records(self.folder) if self.folder.records.exists() else []

    def end(self, seconds: float = 60.0) -> int:
        """Return the exit status, 130 for an interrupt as a shell has it.

        Where the interrupt met ``exec`` (an import that makes a named tuple), ``python -m`` ends its process by the
        signal, whatever the program's own status is.
        """
        status = self.process.wait(timeout=seconds)
        return 128 + signal.SIGINT if status == -signal.SIGINT else status

    def stop(self) -> None:
        """End whatever is left, workers first."""
        for worker in workers_of(self.process.pid):
            worker.kill()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(timeout=10)

    def gone(self, workers: Sequence[psutil.Process], seconds: float = 2.0) -> bool:
        wait_for(lambda: not any(alive(worker) for worker in workers), seconds)
        return True


@dataclass
class Lab:
    """One suite and its run folders below ``path``; ``program`` is the module that is run as the command."""

    path: Path
    environment: dict[str, str] = field(default_factory=dict)
    program: str = "without_figures"
    started: list[Run] = field(default_factory=list)
    output: str = ""
    errors: str = ""

    def suite(self, style_layers: Any = (("mix1",), ("mix1", "mix3")), **changes: Any) -> Path:
        """Write a suite: one content picture, two style pictures, two layer sets, unless it is told otherwise."""
        network = {"weights": "fake-weights", "content_layers": ["mix2"], "content_weight": 1, "style_weight": 100}
        network |= {"style_layers": style_layers}
        suite = {
            "name": "lab",
            "images": {"content": {"photo": "photo.png"}, "style": {"print": "print.png", "wave": "wave.png"}},
            "image_size": 40,
            "backends": ["fake"],
            "backbones": {"fakenet": network},
            "optimizer": {"name": "adam", "learning_rate": 2},
            "iterations": 6,
            "referee": "none",
            "threads": 1,
            "timeout": 60,
        }
        for name, size in PICTURES.items():
            if not (self.path / f"{name}.png").exists():
                picture(sum(name.encode()), size).save(self.path / f"{name}.png")
        path = self.path / "suite.yaml"
        path.write_text(json.dumps(suite | changes, indent=1))
        return path

    def install(self, module: str, source: str) -> Path:
        """Install one more third party's plugin, a single module; return its file."""
        folder = self.path / "site"
        info = folder / f"{module}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[nstbench]\n{module} = {module}\n")
        (folder / f"{module}.py").write_text(source)
        if str(folder) not in self.environment["PYTHONPATH"].split(os.pathsep):
            self.environment["PYTHONPATH"] += os.pathsep + str(folder)
        return folder / f"{module}.py"

    def folder(self, name: str = "run") -> RunFolder:
        return RunFolder(self.path / name)

    def start(self, *options: str, out: str = "run", suite: str | None = None, **environment: str) -> Run:
        """Start ``nstbench run`` and return at once."""
        source = suite or str(self.path / "suite.yaml")
        command = [sys.executable, "-m", self.program, "run", source, "--out", str(self.path / out), *options]
        number = len(self.started)
        output, errors = self.path / f"{out}-{number}.out", self.path / f"{out}-{number}.err"
        with output.open("wb") as out_file, errors.open("wb") as error_file:
            process = subprocess.Popen(
                command,
                env=os.environ | self.environment | environment,
                stdin=subprocess.DEVNULL,
                stdout=out_file,
                stderr=error_file,
            )
        self.started.append(Run(process, self.folder(out), output, errors))
        return self.started[-1]

    def run(self, *options: str, out: str = "run", suite: str | None = None, **environment: str) -> tuple[int, str]:
        """Run to the end; return the exit code and what was printed on standard error, and keep the output."""
        if self.program != "without_figures":
            run = self.start(*options, out=out, suite=suite, **environment)
            status, self.output, self.errors = run.end(120), run.output.read_text(), run.errors.read_text()
            return status, self.errors
        arguments = ["run", suite or str(self.path / "suite.yaml"), "--out", str(self.path / out), *options]
        status, self.output, self.errors = command_within(arguments, self.environment | environment)
        return status, self.errors

    def stop(self) -> None:
        """End whatever is left of all runs."""
        while self.started:
            self.started.pop().stop()

    def records(self, out: str = "run") -> list[Record]:
        return read_records(self.folder(out))

    def rows(self, out: str = "run") -> list[Row]:
        return read_rows(self.folder(out).results_csv)

    def stable(self, out: str = "run") -> list[Row]:
        """Return ``results.csv`` without times, memory and counts of attempts."""
        return [{name: row[name] for name in row if not VARIES.search(name)} for row in self.rows(out)]

    def states(self, *options: str, out: str = "run") -> dict[str, str]:
        """Return what a run would do with each cell, by style picture and layer set, as a new process sees it."""
        source = str(self.path / "suite.yaml")
        command = [sys.executable, "-m", "nstbench", "plan", source, "--out", str(self.path / out), *options]
        answer = subprocess.run(command, env=os.environ | self.environment, capture_output=True, text=True, check=True)
        lines = re.findall(r"^(\w+) +photo/(\w+)/\S*/(\d+) ", answer.stdout, re.MULTILINE)
        return {f"{style}/{number}": state for state, style, number in lines}


@pytest.fixture(scope="session")
def caches(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("caches")


@pytest.fixture(autouse=True)
def fake_plugin(monkeypatch: pytest.MonkeyPatch, caches: Path) -> None:
    """Install the third party's distribution for this process."""
    monkeypatch.syspath_prepend(str(FAKE))
    monkeypatch.setenv("NSTBENCH_CACHE_DIR", str(caches))
    monkeypatch.setenv("PYTHONPATH", str(FAKE))
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # tests in the background of a shell; children inherit it
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="module")
def new_lab(caches: Path) -> Iterator[Callable[[Path], Lab]]:
    """Return what makes a laboratory in a folder; what it left running ends with the module."""
    made: list[Lab] = []

    def make(path: Path) -> Lab:
        # Their own tests turn the trackers and the page on: each takes a second of every run.
        environment = {"NSTBENCH_DISABLE_PLUGINS": "html,mlflow,tensorboard"}
        made.append(Lab(path, {"PYTHONPATH": str(FAKE), "NSTBENCH_CACHE_DIR": str(caches)} | environment))
        return made[-1]

    yield make
    for lab in made:
        lab.stop()


@pytest.fixture
def lab(tmp_path: Path, new_lab: Callable[[Path], Lab]) -> Iterator[Lab]:
    made = new_lab(tmp_path)
    yield made
    made.stop()


@pytest.fixture(name="wait_for")
def waiting() -> Callable[..., Any]:
    """Return ``wait_for``, for modules that cannot import it."""
    return wait_for


@pytest.fixture
def own_fake(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the third party's distribution, in place of the shared one, that a test may change."""
    copy = lab.path / "own-fake"
    shutil.copytree(FAKE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    lab.environment["PYTHONPATH"] = str(copy)
    return copy
