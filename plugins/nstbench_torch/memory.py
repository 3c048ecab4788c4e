"""The peak of a CUDA device's memory."""

from __future__ import annotations

import torch

__all__ = ["TorchMemory"]


class TorchMemory:
    """See ``nstbench.plugin.protocols.DeviceMemory``.

    What the allocator took from the device, not what it gave out: the memory of a graph's step counts as free once it
    is captured, and is used in replays.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device

    def reset(self) -> None:
        """Start a new peak."""
        torch.cuda.reset_peak_memory_stats(self._device)

    def peak_mb(self) -> float:
        """Return the peak since the reset in MiB."""
        return torch.cuda.max_memory_reserved(self._device) / 2**20
