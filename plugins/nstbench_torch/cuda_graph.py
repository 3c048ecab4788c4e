"""One step captured as a CUDA graph: the host launches one thing a step, and waits for nothing within a block."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from nstbench.transfer.adam import STAY, AdamState

__all__ = ["GraphedStep", "NotCapturable"]

Step = Callable[[AdamState, Sequence[Tensor], Tensor, Tensor], tuple[AdamState, Tensor]]
"""From state, targets, weights (batch, terms) and a row (6,) to the next state and a table (batch, columns)."""

WARM_UP = 3
"""Steps before the capture, as PyTorch's notes on CUDA graphs ask for: libraries choose and allocate in them."""


class NotCapturable(RuntimeError):  # noqa: N818 - not a failure: such a step runs without a graph
    """The step runs, but cannot be captured: it waits for the device or copies from the host; says what it did."""


class GraphedStep:
    """Replays ``step`` on fixed buffers; captured anew when shapes change."""

    def __init__(self, step: Step) -> None:
        self._step = step
        self._captured: _Captured | None = None
        self._shapes: list[torch.Size] = []

    def advance(
        self, state: AdamState, targets: Sequence[Tensor], weights: Tensor, rows: Tensor
    ) -> tuple[AdamState, Tensor]:
        """Take one step per row of ``rows`` (steps, 6); return the state and the tables (steps, batch, columns).

        Raises ``NotCapturable``; what is given is as it was then.
        """
        shapes = [one.shape for one in (*state, *targets, weights)]
        if self._captured is None or shapes != self._shapes:
            self._captured, self._shapes = None, shapes  # the old one's memory first
            self._captured = _Captured(self._step, state, targets, weights)
        return self._captured.replay(state, targets, weights, rows)


class _Captured:
    """A graph with the buffers it reads and writes."""

    def __init__(self, step: Step, state: AdamState, targets: Sequence[Tensor], weights: Tensor) -> None:
        self._state = AdamState(*(one.clone() for one in state))
        self._targets = [one.clone() for one in targets]
        self._weights = weights.clone()
        self._row = torch.as_tensor(STAY[0], device=weights.device, dtype=weights.dtype)
        self._warm_up(step)
        self._graph: Any = torch.cuda.CUDAGraph()
        self._table = self._capture(step)

    def _once(self, step: Step) -> Tensor:
        state, table = step(self._state, self._targets, self._weights, self._row)
        _copy(self._state, state)
        return table

    def _warm_up(self, step: Step) -> None:
        """Run the step on a stream of its own; an error here is the step's own."""
        stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(WARM_UP):
                self._once(step)
        torch.cuda.current_stream().wait_stream(stream)

    def _capture(self, step: Step) -> Tensor:
        """Capture the step. Only what this thread does can spoil it: another may be fetching a picture meanwhile."""
        before = torch.cuda.current_stream()
        gc.collect()  # lest it happens within, and frees what must not be freed then
        try:
            with torch.cuda.graph(self._graph, capture_error_mode="thread_local"):
                return self._once(step)
        except RuntimeError as error:
            torch.cuda.set_stream(before)  # torch.cuda.graph leaves its own behind where a capture cannot end
            first = _first(error)
            if isinstance(first, torch.cuda.OutOfMemoryError):
                raise first from None
            raise NotCapturable(str(first).partition("\n")[0][:200]) from error

    def replay(
        self, state: AdamState, targets: Sequence[Tensor], weights: Tensor, rows: Tensor
    ) -> tuple[AdamState, Tensor]:
        _copy(self._state, state)
        _copy((*self._targets, self._weights), (*targets, weights))
        tables = torch.empty((len(rows), *self._table.shape), device=rows.device, dtype=self._table.dtype)
        for row, table in zip(rows, tables, strict=True):
            self._row.copy_(row)
            self._graph.replay()
            table.copy_(self._table)
        return AdamState(*(one.clone() for one in self._state)), tables


def _copy(to: Sequence[Tensor], what: Sequence[Tensor]) -> None:
    with torch.no_grad():
        for buffer, value in zip(to, what, strict=True):
            buffer.copy_(value)


def _first(error: BaseException) -> BaseException:
    """Return what was raised first: ending a capture that has failed raises once more."""
    while error.__context__ is not None:
        error = error.__context__
    return error
