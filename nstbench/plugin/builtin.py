"""What nstbench announces itself, through the same hooks as anybody: the losses and the metrics of its own rooms."""

from __future__ import annotations

from nstbench.referee.builtin import nstbench_metrics
from nstbench.transfer.builtin import nstbench_losses

__all__ = ["nstbench_losses", "nstbench_metrics"]
