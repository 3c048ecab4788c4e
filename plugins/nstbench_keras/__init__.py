"""What the backends that open Keras 3 networks share, whatever computes them. Importing this imports no framework.

As a plugin it announces Keras' weights, which any backend opens. A backend of Keras imports the rest in its workers,
after it has set ``KERAS_BACKEND``, and announces the networks as its own.
"""

from __future__ import annotations

from collections.abc import Iterable

from nstbench.plugin.descriptors import WeightsInfo
from nstbench.plugin.markers import hookimpl
from nstbench_keras.backbones import WEIGHTS

__all__ = ["nstbench_weights"]


@hookimpl
def nstbench_weights() -> Iterable[WeightsInfo]:
    """Announce the published weights."""
    return WEIGHTS
