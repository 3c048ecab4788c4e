"""The pictures inside the installed scikit-image package, found without importing it."""

from __future__ import annotations

import difflib
import importlib.util
from pathlib import Path

__all__ = ["DOWNLOADED", "SHIPPED", "shipped_file", "unknown_picture"]

SHIPPED = {
    "astronaut": "astronaut.png",
    "brick": "brick.png",
    "camera": "camera.png",
    "cat": "chelsea.png",
    "cell": "cell.png",
    "checkerboard": "chessboard_GRAY.png",
    "chelsea": "chelsea.png",
    "clock": "clock_motion.png",
    "coffee": "coffee.png",
    "coins": "coins.png",
    "colorwheel": "color.png",
    "grass": "grass.png",
    "gravel": "gravel.png",
    "horse": "horse.png",
    "hubble_deep_field": "hubble_deep_field.jpg",
    "immunohistochemistry": "ihc.png",
    "logo": "logo.png",
    "microaneurysms": "microaneurysms.png",
    "moon": "moon.png",
    "page": "page.png",
    "retina": "retina.jpg",
    "rocket": "rocket.jpg",
    "shepp_logan_phantom": "phantom.png",
    "text": "text.png",
}
"""Functions of ``skimage.data`` that return one picture -> its file in the package."""

DOWNLOADED = frozenset({"brain", "cells3d", "eagle", "human_mitosis", "kidney", "lily", "skin"})
"""Pictures of ``skimage.data`` that scikit-image would have to download."""


def shipped_file(name: str) -> Path | None:
    """Return the file of a picture of ``skimage.data``, or None if the installed package does not hold it."""
    # Finding the specification of a top-level package does not import it.
    specification = importlib.util.find_spec("skimage")
    if specification is None or name not in SHIPPED:
        return None
    for folder in specification.submodule_search_locations or ():
        path = Path(folder) / "data" / SHIPPED[name]
        if path.is_file():
            return path
    return None


def unknown_picture(name: str) -> str:
    """Return why ``skimage:NAME`` cannot be had, with the nearest name or the list of those that can."""
    if importlib.util.find_spec("skimage") is None:
        return "scikit-image is not installed"
    if name in SHIPPED:
        return f"{SHIPPED[name]} is missing from the installed scikit-image"
    listing = f"shipped are {', '.join(sorted(SHIPPED))}"
    if name in DOWNLOADED:
        return f"scikit-image does not ship '{name}'; {listing}"
    near = difflib.get_close_matches(name, SHIPPED, n=1)
    hint = f"did you mean '{near[0]}'?" if near else listing
    return f"scikit-image has no picture '{name[:40]}'; {hint}"
