"""What pages that show a run are made of: pictures side by side, curves, tables, and one style for all of them.

``report.html`` and the page of ``nstbench watch`` are made of these parts, and so may anybody's reporter's be.
"""

from __future__ import annotations

from nstbench.pages.environment import environment
from nstbench.pages.matrix import Matrix, Picture, Tile, matrices
from nstbench.pages.prose import Prose
from nstbench.pages.thumbnails import Thumbnails, made_ahead
from nstbench.pages.traces import curves

__all__ = ["Matrix", "Picture", "Prose", "Thumbnails", "Tile", "curves", "environment", "made_ahead", "matrices"]
