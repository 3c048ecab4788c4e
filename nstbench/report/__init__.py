"""Tables, figures and the document, from the records of a run."""

from __future__ import annotations

from nstbench.report.build import build_report, write_report

__all__ = ["build_report", "write_report"]
