"""A cache of weights of our own."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="module", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NSTBENCH_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield
