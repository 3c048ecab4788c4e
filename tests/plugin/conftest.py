"""Third-party distributions, installed as pip would leave them: a package beside its dist-info folder."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

GOOD = """
from nstbench import hookimpl
from nstbench.plugin.descriptors import BackboneInfo

@hookimpl
def nstbench_backbones():
    return [
        BackboneInfo(
            "tiny",
            "nst_good.network:build",
            backend="torch",
            layers={"stem": "0", "top": "2"},
            content_layers=("top",),
            style_layers=("stem", "top"),
            weights=("random",),
        )
    ]
"""

Install = Callable[..., Path]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that this process and its children look for packages in, and a cache of its own."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")]).strip(os.pathsep))
    monkeypatch.setenv("NSTBENCH_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("NSTBENCH_DISABLE_PLUGINS", raising=False)
    yield folder
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", None) or "").startswith(str(folder)):
            del sys.modules[name]


@pytest.fixture
def install(site: Path) -> Install:
    """Return a function that installs a distribution with one plugin module and returns the module's folder."""

    def add(module: str, source: str, *, point: str = "", distribution: str = "", version: str = "1.2.3") -> Path:
        distribution = distribution or module.replace("_", "-")
        package = site / module
        package.mkdir()
        (package / "__init__.py").write_text(source)
        info = site / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
        (info / "entry_points.txt").write_text(f"[nstbench]\n{point or module} = {module}\n")
        (info / "RECORD").write_text(f"{module}/__init__.py,,\n{info.name}/METADATA,,\n")
        importlib.invalidate_caches()
        return package

    return add


@pytest.fixture
def good(install: Install) -> Path:
    """A plugin that brings a network of its own to the torch backend."""
    return install("nst_good", GOOD)
