"""For all tests: what is optional is skipped where it is not installed."""

from __future__ import annotations

from importlib.util import find_spec

import pytest


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("jax") is not None and find_spec("jax") is None:
        pytest.skip("JAX is not installed: pip install nstbench[jax]")
