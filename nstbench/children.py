"""Child processes of Python that find the modules which this one finds."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

__all__ = ["child_python"]


def child_python(*arguments: str) -> dict[str, Any]:
    """Return ``args`` and ``env`` for ``subprocess``: ``python ARGUMENTS`` with the same modules as here.

    The folder it is started in gives it none of its own (``-P``).
    """
    path = os.pathsep.join(folder or str(Path.cwd()) for folder in sys.path)
    return {"args": [sys.executable, "-P", *arguments], "env": os.environ | {"PYTHONPATH": path}}
