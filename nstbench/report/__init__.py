"""Tables, figures and the document, from the records of a run."""

from __future__ import annotations

from nstbench.report.build import write_report

__all__ = ["write_report"]
