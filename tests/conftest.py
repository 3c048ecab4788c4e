"""For all tests: what is optional is skipped where it is not installed."""

from __future__ import annotations

import os
from importlib.util import find_spec

import pytest

os.environ.setdefault("NSTBENCH_DISABLE_PLUGINS", "mlflow")
"""It takes seconds to import, in each of some hundred runs; its own tests turn it on."""


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("jax") is not None and find_spec("jax") is None:
        pytest.skip("JAX is not installed: pip install nstbench[jax]")
