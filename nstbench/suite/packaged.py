"""The suites that come with nstbench, found by name."""

from __future__ import annotations

import importlib.util
from pathlib import Path

__all__ = ["packaged_suites"]


def packaged_suites() -> dict[str, Path]:
    """Return the packaged suites by name; empty where the package that holds them is not installed."""
    try:
        # A top-level name: finding it imports nothing.
        spec = importlib.util.find_spec("nstbench_suites")
    except (ImportError, ValueError):
        return {}
    folders = spec.submodule_search_locations if spec else None
    return {path.stem: path for folder in folders or () for path in sorted(Path(folder).glob("*.yaml"))}
