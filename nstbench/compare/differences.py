"""What corresponding cells were run with differently."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nstbench.compare.match import SETTINGS, Pair
from nstbench.report.numbers import setting
from nstbench.results.manifest import Manifest
from nstbench.results.record import Record

__all__ = ["Difference", "differences", "same_machine"]

_CIRCUMSTANCES = (
    "weights_sha256",
    "architecture",
    "content_sha256",
    "style_sha256",
    "device",
    "threads",
    "backend_version",
    "plugin",
    "machine",
)
_HASH = 12


@dataclass(frozen=True, slots=True)
class Difference:
    """A setting with its values in the first and the second run; ``cells`` counts the pairs, 0 for the run itself."""

    what: str
    before: str
    after: str
    cells: int = 0


def differences(pairs: Sequence[Pair], before: Manifest, after: Manifest) -> tuple[Difference, ...]:
    """Return what differs between corresponding cells, then between the runs."""
    counted = Counter(
        (name, first, second)
        for pair in pairs
        for name in (*SETTINGS, *_CIRCUMSTANCES)
        if (first := _shown(pair.before, name)) != (second := _shown(pair.after, name))
    )
    found = [Difference(name, first, second, cells) for (name, first, second), cells in counted.items()]
    repeats = [max(len(side) for side in sides) for sides in zip(*((p.before, p.after) for p in pairs), strict=True)]
    run = {"repeats": (str(repeats[0]), str(repeats[1])), **_of_runs(before, after)}
    return (*found, *(Difference(name, *texts) for name, texts in run.items() if texts[0] != texts[1]))


def same_machine(pair: Pair) -> bool:
    """Say whether a pair's times can be compared: the same machine and the same framework versions."""
    names = ("machine", "backend_version")
    sides = [{tuple(getattr(record, name) for name in names) for record in side} for side in (pair.before, pair.after)]
    return len(sides[0] | sides[1]) == 1 and None not in next(iter(sides[0]))


def _shown(records: Iterable[Record], name: str) -> str:
    values = dict.fromkeys(getattr(record, name, None) for record in records)
    texts = [setting(value) for value in values if value is not None]
    return ", ".join(text[:_HASH] if name.endswith("sha256") else text for text in texts) or setting(None)


def _of_runs(before: Manifest, after: Manifest) -> dict[str, tuple[str, str]]:
    known = [_software(run) for run in (before, after)]
    return {name: (known[0].get(name, "-"), known[1].get(name, "-")) for name in dict.fromkeys([*known[0], *known[1]])}


def _software(run: Manifest) -> dict[str, str]:
    """Return what the run was made with, as far as it knows; an old one may not."""
    versions: Mapping[str, Any] = run.environment.get("versions") or {}
    named = {"nstbench": run.nstbench, "python": run.environment.get("python")}
    named |= {"platform": run.environment.get("platform"), **versions}
    return {name: str(value) for name, value in named.items() if value is not None}
