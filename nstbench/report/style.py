"""How figures look: one font, few sizes, a colour per network. Matplotlib's own settings are left alone."""

from __future__ import annotations

import contextlib
from collections.abc import Hashable, Iterable, Iterator
from typing import Any, TypeVar

import matplotlib

__all__ = [
    "DPI",
    "GREY",
    "LABEL",
    "NETWORKS",
    "NOTE",
    "PALE",
    "TICK",
    "TITLE",
    "applied",
    "colours",
    "lighter",
    "markers",
]

TITLE, LABEL, NOTE, TICK = 10.0, 9.0, 8.0, 7.0
"""Sizes of type in points: heads, axes and legends, what stands beside points and pictures, scales and captions."""
DPI = 100
"""Pixels of a PNG to an inch of the sheet; SVG and PDF have no pixels but those of pictures."""
GREY, PALE = "0.35", "0.93"
"""Colours of what is explained and of lines to read values by."""

NETWORKS = (
    # Okabe and Ito's colours (https://jfly.uni-koeln.de/color/), less their yellow, which is lost on white, ...
    *("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000"),
    # ... then dark ones of Paul Tol's muted scheme (https://personal.sron.nl/~pault/): to be told apart by all.
    *("#882255", "#332288", "#999933"),
)
_MARKERS = ("o", "s", "^", "D", "v")

_SETTINGS: dict[Any, Any] = {
    "font.family": ["DejaVu Sans"],  # comes with matplotlib, so that figures look the same on every machine
    "font.size": NOTE,
    "axes.titlesize": TITLE,
    "axes.labelsize": LABEL,
    "xtick.labelsize": TICK,
    "ytick.labelsize": TICK,
    "legend.fontsize": NOTE,
    "legend.frameon": False,
    "grid.color": PALE,
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "figure.dpi": DPI,
    "pdf.fonttype": 42,  # TrueType, as publishers want it
    "svg.fonttype": "path",
    "svg.hashsalt": "nstbench",  # names inside the file depend on what is drawn alone
    "path.simplify_threshold": 0.5,  # of a pixel: keeps an SVG of thousands of points small
}

T = TypeVar("T", bound=Hashable)


@contextlib.contextmanager
def applied() -> Iterator[None]:
    """Draw and write with the report's settings, whatever ``matplotlibrc`` says, and put all back afterwards."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS)
        yield


def colours(networks: Iterable[T]) -> dict[T, str]:
    """Return a colour for each of the networks, in their order; from the eleventh on colours come again."""
    return {network: NETWORKS[index % len(NETWORKS)] for index, network in enumerate(dict.fromkeys(networks))}


def markers(backends: Iterable[T]) -> dict[T, str]:
    """Return a marker for each of the backends, in their order; from the sixth on markers come again."""
    return {backend: _MARKERS[index % len(_MARKERS)] for index, backend in enumerate(dict.fromkeys(backends))}


def lighter(colour: str, share: float) -> str:
    """Return a colour mixed with white, which is ``share`` (0 to 1) of it, as ``#rrggbb``."""
    parts = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return "#" + "".join(f"{round(part + (255 - part) * share):02x}" for part in parts)
