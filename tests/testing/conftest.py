"""A cache of weights of our own, and a plugin to be checked beside the laboratory's NumPy backend."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

FAKE = Path(__file__).parents[1] / "execute" / "fake"
Install = Callable[..., None]


@pytest.fixture(scope="module", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NSTBENCH_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def tested(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Return a function that installs the plugin ``tested``: its module of hooks, and the one that targets name."""
    site = tmp_path / "site"
    info = site / "nst_tested-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "nst_tested").mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: nst-tested\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[nstbench]\ntested = nst_tested\n")
    for path in (str(FAKE), str(site)):
        monkeypatch.syspath_prepend(path)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(site), str(FAKE), os.environ.get("PYTHONPATH", "")]))

    def install(hooks: str, network: str = "") -> None:
        (site / "nst_tested" / "__init__.py").write_text(hooks)
        (site / "nst_tested" / "network.py").write_text(network)
        for name in [name for name in sys.modules if name.partition(".")[0] == "nst_tested"]:
            monkeypatch.delitem(sys.modules, name)

    return install
