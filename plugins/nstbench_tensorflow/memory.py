"""The peak of a GPU's memory."""

from __future__ import annotations

import tensorflow as tf

__all__ = ["TensorFlowMemory"]

DEVICE = "GPU:0"
"""Only one is visible to a worker."""


class TensorFlowMemory:
    """See ``nstbench.plugin.protocols.DeviceMemory``: what the allocator gave out."""

    def reset(self) -> None:
        """Start a new peak."""
        tf.config.experimental.reset_memory_stats(DEVICE)

    def peak_mb(self) -> float:
        """Return the peak since the reset in MiB."""
        return float(tf.config.experimental.get_memory_info(DEVICE)["peak"]) / 2**20
