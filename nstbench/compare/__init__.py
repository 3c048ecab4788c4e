"""Two runs side by side: which cells correspond, what differs in their settings, and whether anything got worse."""

from __future__ import annotations

from nstbench.compare.metrics import DEFAULT, METRICS, TIMES, Metric
from nstbench.compare.runs import Run, compare, read_run
from nstbench.compare.verdict import Comparison

__all__ = ["DEFAULT", "METRICS", "TIMES", "Comparison", "Metric", "Run", "compare", "read_run"]
