"""Random features, and central differences of a formula in NumPy and float64."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nstbench.transfer.namespace import NumpyNamespace

XP: Any = NumpyNamespace()


@pytest.fixture
def make() -> Callable[..., np.ndarray]:
    random = np.random.default_rng(3)
    return lambda *shape: random.normal(0.3, 2.0, shape)


@pytest.fixture
def loss() -> Callable[[Any, np.ndarray, np.ndarray], np.ndarray]:
    """Return a function (term, features, target's features) -> losses (batch,)."""
    return lambda term, features, target: np.asarray(term.loss(XP, features, term.target(XP, target)))
