"""How much one iteration computes, counted while it runs: calls of convolutions, by torch's own profiler."""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["Counter"]

FORWARD = ("aten::convolution", "mkldnn::_convolution_pointwise")
BACKWARD = ("aten::convolution_backward",)


class Counter:
    """Counts from its making to ``stop``. Where torch is not loaded there is nothing to count."""

    def __init__(self) -> None:
        self._profile: Any = None
        if "torch" in sys.modules:
            from torch.profiler import ProfilerActivity, profile

            self._profile = profile(activities=[ProfilerActivity.CPU], record_shapes=True)
            self._profile.__enter__()

    def stop(self) -> dict[str, int | None]:
        """Return calls of convolutions forward and backward, and how often an image (3 channels) went in.

        All None where they cannot be seen: in a compiled step, convolutions have other names.
        """
        if self._profile is None:
            return {"forward": None, "backward": None, "passes": None}
        self._profile.__exit__(None, None, None)
        events = list(self._profile.events())
        forward = [event for event in events if event.name in FORWARD]
        if not forward:
            return {"forward": None, "backward": None, "passes": None}
        images = [event for event in forward if event.input_shapes and event.input_shapes[0][1:2] == [3]]
        backward = sum(event.name in BACKWARD for event in events)
        return {"forward": len(forward), "backward": backward, "passes": len(images)}
