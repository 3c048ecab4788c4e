"""One row per contestant and setting: what the CSV holds, and all that the page is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from contest.arithmetic import Arithmetic
from contest.checks import Check
from contest.figures import Ceiling, ceiling_of, over_rounds, ratio, share, start_ratio, step
from contest.roster import OURS, REFERENCE, Contestant
from contest.rounds import Round
from nstbench.measure.environment import environment
from nstbench.measure.statistics import MedianInterval

__all__ = ["Results", "ceiling_rows", "interval", "machine", "rows"]

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Results:
    """All that a run found. ``setting`` holds the columns that are the same for every row."""

    setting: Row
    contestants: Sequence[Contestant]
    rounds: Sequence[Round]
    checks: dict[str, Check]
    failed: dict[str, str]
    shapes: Sequence[dict[str, Any]]
    arithmetic: Arithmetic


def rows(results: Results) -> list[Row]:
    """Return a row per contestant, those that could not run among them, with the reason."""
    common = machine() | results.setting
    return [common | _row(one, results) for one in results.contestants]


def ceiling_rows(results: Results) -> list[Row]:
    """Return a row per operation, direction and layout of each framework: the median rate over the rounds."""
    times = {shape["names"][0]: len(shape["names"]) for shape in results.shapes}
    found: dict[tuple[str, ...], list[float]] = {}
    for one in results.rounds:
        for framework, rates in one.rates.items():
            for rate in rates:
                key = (framework, rate["name"], rate["direction"], rate["layout"])
                found.setdefault(key, []).append(rate["gflops"])
    columns = ("framework", "operation", "direction", "layout")
    common = machine() | results.setting
    return [
        common
        | dict(zip(columns, key, strict=True))
        | {"times": times.get(key[1], 0), "gflops": sorted(rates)[len(rates) // 2]}
        for key, rates in found.items()
    ]


def _row(one: Contestant, results: Results) -> Row:
    found: Row = {"contestant": one.name, "kind": one.kind, "framework": one.framework}
    reason = results.failed.get(one.name, "")
    found |= {"status": "failed" if reason else "ok", "reason": reason}
    turns = [each.turns[one.name] for each in results.rounds if one.name in each.turns]
    peaks = [turn.peak_memory_mb for turn in turns if turn.peak_memory_mb is not None]
    found |= _identity(one, turns[-1].first if turns else {}) | {"peak_memory_mb": max(peaks, default=None)}
    found |= _times(one, results) | _shares(one, results)
    return found | _same_work(one, results, found["step_ms"])


def _times(one: Contestant, results: Results) -> Row:
    rounds = results.rounds
    seconds = over_rounds(rounds, step(one.name))
    found = interval("step_ms", seconds, 1000.0) | {"coverage": seconds.coverage if seconds else None}
    for name, reference in OURS.items():
        found |= interval(f"times_{name}", over_rounds(rounds, ratio(one.name, reference)))
    found |= interval("start_s", over_rounds(rounds, lambda each: _start(each, one.name)))
    found |= interval("import_s", over_rounds(rounds, lambda each: each.imports.get(one.framework)))
    return found | interval("times_import", over_rounds(rounds, start_ratio(one.name, one.framework)))


def _shares(one: Contestant, results: Results) -> Row:
    gflop = results.arithmetic.total / 1e9
    seconds = over_rounds(results.rounds, step(one.name))
    found: Row = {"step_gflop": gflop, "gflops": gflop / seconds.median if seconds else None}
    for what in ("product", "best", "layers"):

        def rate(each: Round, what: str = what) -> float | None:
            ceiling = _ceiling(each, one.framework, results)
            return getattr(ceiling, what) if ceiling else None

        found |= interval(f"ceiling_{what}", over_rounds(results.rounds, rate))
        found |= interval(f"share_of_{what}", over_rounds(results.rounds, share(one.name, gflop, rate)))
    return found


def _same_work(one: Contestant, results: Results, step_ms: float | None) -> Row:
    answer, reference = results.checks.get(one.name), results.checks.get(REFERENCE)
    passes = answer.passes if answer else None
    return {
        "passes": passes,
        "convolutions_forward": answer.forward if answer else None,
        "convolutions_backward": answer.backward if answer else None,
        "pass_ms": step_ms / passes if step_ms and passes else None,
        "first_total": answer.first_total if answer else None,
        "last_total": answer.last_total if answer else None,
        "last_to_reference": answer.last_total / reference.last_total if answer and reference else None,
        "gradient_cosine": answer.cosine if answer else None,
    }


def _identity(one: Contestant, first: dict[str, Any]) -> Row:
    """Return what ran, and what it does otherwise; ``first`` is its first answer, empty if there was none."""
    remarks = [one.differs, *first.get("remarks", ())]
    versions = first.get("versions", {}).items()
    return {
        "versions": " ".join(f"{name}={version}" for name, version in versions),
        "differs": "; ".join(remark for remark in remarks if remark),
    }


def _start(one: Round, name: str) -> float | None:
    return one.turns[name].start_s if name in one.turns else None


def _ceiling(one: Round, framework: str, results: Results) -> Ceiling | None:
    return ceiling_of(one.rates[framework], results.shapes) if framework in one.rates else None


def interval(name: str, interval: MedianInterval | None, factor: float = 1.0) -> Row:
    """Return the columns of a median and its interval, empty where there is none."""
    if interval is None:
        return {name: None, f"{name}_low": None, f"{name}_high": None}
    return {
        name: interval.median * factor,
        f"{name}_low": interval.low * factor,
        f"{name}_high": interval.high * factor,
    }


def machine() -> Row:
    """Return the columns that say where and when."""
    found = environment()
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": found["machine"],
        "cpu": found["cpu"],
        "cores": found["cores"]["usable"],
        "memory_mb": found["memory_mb"],
        "platform": found["platform"],
        "nstbench": found["nstbench"],
    }
