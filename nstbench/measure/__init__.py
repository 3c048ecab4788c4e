"""Measurements: time, memory, similarity, and the machine they were taken on.

The modules (``clock``, ``course``, ``device``, ``environment``, ``memory``, ``rounding``, ``similarity``) are imported
by their full names; none of them imports NumPy, scikit-image or psutil before it is asked for a figure.
"""

from __future__ import annotations

__all__: list[str] = []
