"""The layers an entry of a suite asks for."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import UnsetType

from nstbench.suite.schema import Entry, Prefixes, RefereeEntry
from nstbench.suite.tree import Path

__all__ = ["LayerSet", "content_layers", "named_layers", "style_sets"]

LayerSet = tuple[str, ...]


def content_layers(entry: Entry | RefereeEntry, default: LayerSet) -> LayerSet:
    """Return the content layers, ``default`` if the entry names none."""
    chosen = entry.content_layers
    if isinstance(chosen, UnsetType):
        return default
    return (chosen,) if isinstance(chosen, str) else chosen


def style_sets(entry: Entry | RefereeEntry, default: LayerSet) -> tuple[LayerSet, ...]:
    """Return the sets of style layers, each once, in order; one set, ``default``, if the entry names none."""
    chosen = entry.style_layers
    if isinstance(chosen, UnsetType):
        return (default,)
    if isinstance(chosen, Prefixes):
        return tuple(chosen.prefixes[: length + 1] for length in range(len(chosen.prefixes)))
    if isinstance(chosen, str):
        return ((chosen,),)
    nested = tuple(item for item in chosen if not isinstance(item, str))
    flat = tuple(item for item in chosen if isinstance(item, str))
    return tuple(dict.fromkeys(nested)) or (flat,)


def named_layers(entry: Entry | RefereeEntry) -> Iterator[tuple[Path, LayerSet]]:
    """Yield each list of layers as it is written, with its path in the entry."""
    if not isinstance(entry.content_layers, UnsetType):
        yield ("content_layers",), content_layers(entry, ())
    if isinstance(entry.style_layers, Prefixes):
        yield ("style_layers", "prefixes"), entry.style_layers.prefixes
    elif not isinstance(entry.style_layers, tuple):
        yield from ((("style_layers",), names) for names in style_sets(entry, ()) if names)
    elif all(isinstance(item, str) for item in entry.style_layers):
        yield ("style_layers",), style_sets(entry, ())[0]
    else:
        yield from ((("style_layers", i), item) for i, item in enumerate(entry.style_layers) if isinstance(item, tuple))
