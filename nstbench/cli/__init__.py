"""The command line: parses, calls, prints."""

from __future__ import annotations

from nstbench.cli.app import main

__all__ = ["main"]
