"""The peak memory of a batch of cells, beside which another's files may be written."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from nstbench.execute.heap import give_back
from nstbench.execute.writer import Writer
from nstbench.measure.memory import PeakMemory
from nstbench.plugin.protocols import Backend

__all__ = ["Peak"]


class Peak:
    """The device allocator's peak within the block, or, on a CPU, that of the process.

    The process' peak would hold what the writer needs for the cells before. Every step needs the same memory again, so
    it is taken anew from the first step that nothing is written beside, and only where there is none, of all of them.

    ``tidy`` has freed memory that the process keeps given back before: the next step has to ask for all of it again,
    which takes a quarter of a step of a small picture.
    """

    def __init__(self, backend: Backend, writer: Writer, *, tidy: bool) -> None:
        self._device, self._writer, self._tidy, self._memory = backend.device_memory, writer, tidy, PeakMemory()

    def __enter__(self) -> Self:
        self._shared = not self._writer.idle
        if self._device is not None:
            self._device.reset()
        self._begin()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _: BaseException | None, _where: TracebackType | None
    ) -> None:
        self._memory.close()

    def step_done(self) -> None:
        """Take the process' peak anew if the writer has come to an end; say so only where another step follows."""
        if self._shared and self._writer.idle:
            self._shared = False
            self._begin()

    def _begin(self) -> None:
        if self._tidy:
            give_back()
        self._memory.start()

    def mb(self) -> float | None:
        """Return the peak so far in MiB, None where the device's allocator cannot tell."""
        return self._memory.stop() if self._device is None else self._device.peak_mb()
