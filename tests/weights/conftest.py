"""Every test here has caches of its own: nothing is found that the machine happens to hold."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def own_caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in ("NSTBENCH_CACHE_DIR", "KERAS_HOME", "TORCH_HOME"):
        monkeypatch.setenv(variable, str(tmp_path / variable.lower()))
    return tmp_path / "nstbench_cache_dir"
