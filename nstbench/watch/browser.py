"""Show an address in the user's browser, where there is one to be seen."""

from __future__ import annotations

import os
import sys
import webbrowser
from collections.abc import Mapping

__all__ = ["can_show", "show"]


def can_show(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> bool:
    """Say whether a browser has a screen, or the user has named one; a text browser would take over the terminal."""
    return any(environment.get(name) for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY")) or (
        platform in ("darwin", "win32") and not environment.get("SSH_CONNECTION")
    )


def show(address: str) -> None:
    """Open the address if possible; the user has been told it anyway."""
    if can_show():
        webbrowser.open(address)
