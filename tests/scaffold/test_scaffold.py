"""What ``nstbench new-plugin`` writes can be installed, is short, and passes the kit as it is."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from nstbench.errors import PluginError, RunError
from nstbench.scaffold import KINDS, files_of, write_plugin

EACH = {
    "my-net": ("backbone", "torch", 10),
    "my-keras-net": ("backbone", "tensorflow", 10),
    "my-loss": ("loss", "torch", 5),
    "my-metric": ("metric", "torch", 4),
    "my-table": ("reporter", "torch", 5),
}
"""Packages: kind, backend, and the number of checks."""


def code(text: str) -> list[str]:
    """Return the lines that are neither empty, nor comment, nor documentation."""
    tree = ast.parse(text)
    documented = [node for node in ast.walk(tree) if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)]
    strings = [node.body[0] for node in documented if node.body and ast.get_docstring(node) is not None]
    hidden = {line for one in strings for line in range(one.lineno, (one.end_lineno or one.lineno) + 1)}
    lines = [line for number, line in enumerate(text.splitlines(), start=1) if number not in hidden]
    return [line for line in lines if line.strip() and not line.strip().startswith("#")]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("backend", ["torch", "tensorflow"])
def test_it_is_at_most_forty_lines_of_code(kind: str, backend: str) -> None:
    texts = files_of("my-own", kind, backend)  # type: ignore[arg-type]
    modules = {path: text for path, text in texts.items() if path.startswith("my_own/") and path.endswith(".py")}
    assert 5 < sum(len(code(text)) for text in modules.values()) <= 40
    assert not [path for path, text in texts.items() if "$" in text]


@pytest.mark.torch
@pytest.mark.tensorflow
def test_each_kind_is_installed_and_passes_its_own_test(tmp_path: Path) -> None:
    """By one pip and one pytest for all of them; whoever follows the pages has the command write them."""
    for name, (kind, backend, _) in EACH.items():
        write_plugin(name, kind, backend, tmp_path)  # type: ignore[arg-type]
    site = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, "--target", str(site), *(f"./{name}" for name in EACH)], cwd=tmp_path, check=True)
    path = os.pathsep.join([str(site), os.environ.get("PYTHONPATH", "")]).strip(os.pathsep)
    environment = os.environ | {"PYTHONPATH": path, "NSTBENCH_CACHE_DIR": str(tmp_path / "cache")}
    tests = [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", "--import-mode=importlib", "--rootdir=."]
    call = [*tests, *(f"{name}/tests" for name in EACH)]
    done = subprocess.run(call, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    for name, (_, _, checks) in EACH.items():
        passed = re.findall(rf"^{name}/tests/test_conformance.py::.* PASSED", done.stdout, flags=re.MULTILINE)
        assert len(passed) == checks, done.stdout


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("My-Net", "small letters"),
        ("my_net", "small letters"),
        ("9net", "a letter first"),
        ("../net", "small letters"),
        ("-net", "a letter first"),
        ("class", "keyword"),
        ("torch", "installed already"),
        ("nstbench", "installed already"),
        ("json", "a module 'json' already"),
        ("numpy", "a module 'numpy' already"),
    ],
)
def test_a_bad_name_is_refused(name: str, text: str, tmp_path: Path) -> None:
    with pytest.raises(PluginError, match=text):
        write_plugin(name, "loss", "torch", tmp_path)
    assert not list(tmp_path.iterdir())


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "my-own").mkdir()
    with pytest.raises(RunError, match="my-own exists"):
        write_plugin("my-own", "loss", "torch", tmp_path)
    assert not list((tmp_path / "my-own").iterdir())


def test_a_backbone_needs_a_backend(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "nstbench", "new-plugin", "my-own"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "--backend torch or --backend tensorflow" in done.stderr
    assert not list(tmp_path.iterdir())
