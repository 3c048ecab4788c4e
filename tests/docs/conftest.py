"""What builds the site is a folder of scripts, not part of nstbench's distribution."""

from __future__ import annotations

import sys
from pathlib import Path

DOCUMENTATION = Path(__file__).parents[2] / "documentation"

sys.path.insert(0, str(DOCUMENTATION))
