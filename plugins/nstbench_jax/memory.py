"""The peak of a GPU's memory, of which JAX keeps one for the whole process."""

from __future__ import annotations

from typing import Any

__all__ = ["JaxMemory"]

PEAK = "peak_bytes_in_use"


class JaxMemory:
    """See ``nstbench.plugin.protocols.DeviceMemory``. A peak that is not above the last one cannot be told from it."""

    def __init__(self, device: Any) -> None:
        self._device = device
        self._before = 0

    def reset(self) -> None:
        """Remember the peak so far."""
        self._before = self._peak()

    def peak_mb(self) -> float | None:
        """Return the peak since the reset in MiB, None if there was as high a one before."""
        peak = self._peak()
        return peak / 2**20 if peak > self._before else None

    def _peak(self) -> int:
        return int((self._device.memory_stats() or {}).get(PEAK, 0))
