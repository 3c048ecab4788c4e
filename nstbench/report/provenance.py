"""The end of a report: pictures' credits, environment, suite, and how to run it again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nstbench.report.markdown import bullets, fence, inline, shorten, table
from nstbench.results import ImageEntry, Manifest

__all__ = ["sections"]


def sections(manifest: Manifest) -> dict[str, list[str]]:
    """Return the sections by key, as parts in markdown; one about which nothing is known is empty."""
    return {
        "credits": _images(manifest),
        "environment": _environment(manifest),
        "suite": _suite(manifest),
        "reproduce": _command(manifest),
    }


def _images(manifest: Manifest) -> list[str]:
    lines = [_credit(name, entry) for name, entry in manifest.images.items()]
    return ["## Picture credits", bullets(lines)] if lines else []


def _credit(name: str, entry: ImageEntry) -> str:
    parts = [
        f"*{inline(entry.title)}*" if entry.title else "",
        f"by {inline(entry.author)}" if entry.author else "author not stated",
        inline(entry.license) if entry.license else "licence not stated",
        f"from {inline(entry.source)}" if entry.source else "",
        f"sha256 {inline(entry.sha256[:12])}" if entry.sha256 else "",
    ]
    return f"**{inline(name)}**: {', '.join(part for part in parts if part)}"


def _environment(manifest: Manifest) -> list[str]:
    import pandas as pd

    facts = [(inline(name), inline(shorten(value))) for name, value in _flat(manifest.environment)]
    facts += [(f"plugin {inline(str(plugin.get('plugin', '?')))}", _plugin(plugin)) for plugin in manifest.plugins]
    if not facts:
        return []
    return ["## Environment", table(pd.DataFrame(facts, columns=["what", "value"]))]


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name} ")
        elif isinstance(value, Sequence) and not isinstance(value, str):
            yield f"{prefix}{name}", ", ".join(map(str, value))
        elif value is not None:
            yield f"{prefix}{name}", str(value)


def _plugin(plugin: Mapping[str, Any]) -> str:
    rest = (f"{name} {value}" for name, value in _flat(plugin) if name != "plugin" and value)
    return inline(shorten(", ".join(rest)))


def _suite(manifest: Manifest) -> list[str]:
    if not manifest.suite_text:
        return []
    overrides = [f"changed on the command line: {inline(each)}" for each in manifest.overrides]
    return ["## Suite", fence(manifest.suite_text, "yaml"), bullets(overrides)]


def _command(manifest: Manifest) -> list[str]:
    if not manifest.command:
        return []
    again = "Running it again in the same place continues where it stopped and repeats only what has changed."
    return ["## How to reproduce", fence(manifest.command, "sh"), again]
