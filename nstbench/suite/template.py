"""The suite that ``nstbench init`` writes."""

from __future__ import annotations

from importlib import resources

__all__ = ["template"]


def template() -> str:
    """Return a small commented suite to start from."""
    return resources.files("nstbench.suite").joinpath("template.yaml").read_text(encoding="utf-8")
