"""What every backend says of a layer table that does not fit its network."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nstbench.errors import PluginError
from nstbench.suite.suggest import suggestion

__all__ = ["no_map", "no_such_layer"]


def no_such_layer(layer: str, native: str, known: Iterable[str]) -> PluginError:
    """Return the error of a native name that is none of the network's."""
    hint = suggestion(native, known)
    return PluginError(
        f"the network has nothing called {native!r}, which the layer table names for {layer!r}{hint}"
        f"{'' if hint.endswith('?') else '.'} Correct the table, which maps names in suites to the network's own."
    )


def no_map(layer: str, native: str, shape: Sequence[int | None]) -> PluginError:
    """Return the error of a layer whose output is no map of the picture."""
    return PluginError(
        f"layer {layer!r} ({native!r} in the network) is {tuple(shape)}, no map of the picture with batch, height, "
        "width and channels. Take it out of the layer table: pooled vectors and classifiers have no style."
    )
