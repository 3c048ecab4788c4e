"""The command answers at once: no framework, and nothing of the reports, is imported to look at things."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = (
    "torch",
    "torchvision",
    "tensorflow",
    "keras",
    "jax",
    "pandas",
    "matplotlib",
    "skimage",
    "scipy",
    "h5py",
    "timm",
)

WATCH = """
import atexit, json, os, sys
def tell():
    with open(os.environ["SEEN"], "w") as file:
        json.dump(sorted({name.partition(".")[0] for name in sys.modules}), file)
atexit.register(tell)
"""
"""The same names are looked for after the command has ended, however it did."""


def imported(code: str) -> tuple[set[str], int, str]:
    environment = os.environ | {"SEEN": "seen.json"}
    done = subprocess.run(
        [sys.executable, "-c", WATCH + code], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    return set(json.loads(Path("seen.json").read_text())), done.returncode, done.stdout + done.stderr


def test_the_command_line_itself() -> None:
    modules, code, text = imported("import nstbench.cli")
    assert (code, text) == (0, "")
    assert "nstbench" in modules
    assert not modules & {*HEAVY, "PIL"}


@pytest.mark.parametrize(
    "line",
    [
        "plan quickstart",
        "run quickstart --dry-run",
        "plugins",
        "plugins --json",
        "backbones",
        "backbones vgg19",
        "backbones keras:*",
        "backbones torchvision:* --json",
        "backbones timm:resnet*",
        "plan backbones",
        "--help",
        "init",
    ],
)
def test_commands_that_only_look(line: str) -> None:
    modules, code, text = imported(f"from nstbench.cli import main; main({line.split()!r})")
    assert code == 0, text
    assert not modules & set(HEAVY)


def test_what_cannot_run_is_said_without_them() -> None:
    modules, code, text = imported("from nstbench.cli import main; main(['run', 'report'])")
    assert code == 2, text
    assert not modules & {"torch", "torchvision", "tensorflow", "keras", "jax"}


def test_the_python_interface() -> None:
    modules, code, text = imported("import nstbench; print(len(nstbench.plan('quickstart').cells))")
    assert (code, text) == (0, "30\n")
    assert not modules & {"torch", "torchvision", "tensorflow", "keras", "jax"}
