"""Compare two run folders."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from nstbench.compare.differences import differences, same_machine
from nstbench.compare.match import Matched, Pair, match
from nstbench.compare.metrics import DEFAULT, METRICS, TIMES, Metric
from nstbench.compare.verdict import ADVISED, Comparison, MetricResult, judge, lost_cells
from nstbench.errors import RunError
from nstbench.results.folder import RunFolder
from nstbench.results.manifest import Manifest, read_manifest
from nstbench.results.read import in_grid_order
from nstbench.results.record import Record, Status
from nstbench.results.store import read_records

__all__ = ["Run", "compare", "read_run"]

_OBJECTIVE = ("content_weight", "style_weight", "total_variation_weight", "image_size", "weights_sha256")
"""Where one of these differs, so does what the losses measure."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run's head, and the last attempt at each of its cells."""

    name: str
    manifest: Manifest
    records: tuple[Record, ...]


def read_run(path: Path) -> Run:
    """Read a run folder. Raises ``RunError`` where it is none or was written by a newer version."""
    folder = RunFolder(path)
    manifest = read_manifest(folder)
    return Run(str(path), manifest, tuple(in_grid_order(manifest, read_records(folder))))


def compare(
    before: Run, after: Run, *, threshold: float = 0.05, metrics: Sequence[str] = (), times: bool = False
) -> Comparison:
    """Compare the cells that two runs have in common; ``after`` is the one that may be worse.

    ``metrics`` are keys of ``METRICS``; none stands for the losses and, where machine and framework versions are the
    same, the times. ``times`` compares times whatever the machines, and lets them decide without repeats. Raises
    ``RunError`` if nothing can be compared.
    """
    matched = match(before.records, after.records)
    pairs = matched.pairs
    repeats = (_repeats(pair.before for pair in pairs), _repeats(pair.after for pair in pairs))
    lost, found = lost_cells(pairs)
    timed = pairs if times else tuple(pair for pair in pairs if same_machine(pair))
    results = []
    for metric in _chosen(metrics):
        judged = not metric.is_time or min(repeats) > 1 or times or metric.name in metrics
        own = timed if metric.is_time else pairs
        if result := judge(own, metric, threshold, repeated=min(repeats) > 1, judged=judged):
            results.append(result)
    if not results and not lost:
        raise RunError(_nothing(metrics, len(timed)))
    return Comparison(
        before=before.name,
        after=after.name,
        threshold=threshold,
        cells=len(pairs),
        repeats=repeats,
        metrics=tuple(results),
        lost=lost,
        found=found,
        only_before=matched.only_before,
        only_after=matched.only_after,
        differences=differences(pairs, before.manifest, after.manifest),
        notes=tuple(_notes(matched, repeats, results, len(timed))),
    )


def _chosen(names: Sequence[str]) -> list[Metric]:
    return [METRICS[name] for name in dict.fromkeys(names or (*DEFAULT, *TIMES))]


def _repeats(sides: Iterable[Sequence[Record]]) -> int:
    """Return the most repeats of one cell that succeeded."""
    return max(sum(record.status is Status.OK for record in side) for side in sides)


def _nothing(metrics: Sequence[str], timed: int) -> str:
    if metrics and not timed and all(METRICS[name].is_time for name in metrics):
        return "the runs are of other machines or framework versions. Pass --times to compare their times all the same."
    return "no cell that the runs have in common has numbers in both. Run their suites, or look at their reports."


def _notes(matched: Matched, repeats: tuple[int, int], results: Sequence[MetricResult], timed: int) -> list[str]:
    lines = []
    if min(repeats) < 2 <= max(repeats):
        lines.append("Only one of the runs has repeats: medians are compared by the threshold alone.")
    if 2 <= min(repeats) < ADVISED:
        lines.append(
            f"{min(repeats)} repeats show little: at least {ADVISED} are advised. Below 4 there is no 95 % interval, "
            "and the widest there is decides."
        )
    if timed < len(matched.pairs):
        left = len(matched.pairs) - timed
        lines.append(f"Times of {left} cells are not compared: another machine or framework version (see --times).")
    if any(not one.judged for one in results):
        lines.append("Times without repeats are shown only: a single one says little. --times lets them decide.")
    if any(_objectives_differ(pair) for pair in matched.pairs):
        lines.append("Loss weights, image sizes or parameters differ, so losses are of different objectives.")
    return lines


def _objectives_differ(pair: Pair) -> bool:
    sides = [{tuple(getattr(one, name) for name in _OBJECTIVE) for one in side} for side in (pair.before, pair.after)]
    return sides[0] != sides[1]
