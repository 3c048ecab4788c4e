"""What the referees of a run say, as columns beside its records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from nstbench.results.folder import RunFolder
from nstbench.results.manifest import Manifest, MetricEntry, RefereeEntry
from nstbench.results.scores import Score, read_scores, score_column

__all__ = ["Judgements", "judgements"]


@dataclass(frozen=True, slots=True)
class Judgements:
    """The present judgements of a run's judges, by (cell, judge); the judge ``""`` needs no network.

    ``referees`` are the networks that judge, ``metrics`` what any judge says.
    """

    referees: tuple[RefereeEntry, ...] = ()
    metrics: tuple[MetricEntry, ...] = ()
    scores: Mapping[tuple[str, str], Score] = field(default_factory=dict)

    def value(self, cell: str, judge: str, metric: str) -> float | None:
        """Return what a judge says of a cell's picture, None if it says nothing."""
        score = self.scores.get((cell, judge))
        return None if score is None else score.values.get(metric)

    def columns(self) -> dict[str, dict[str, float | None]]:
        """Return each column of ``results.csv``, as values by cell: pictures' metrics first, then each referee's."""
        found: dict[str, dict[str, float | None]] = {}
        for label in ("", *(referee.label for referee in self.referees)):
            own = [score for (_, judge), score in self.scores.items() if judge == label]
            names = dict.fromkeys(name for score in own for name in score.values)
            for name in names:
                found[score_column(label, name)] = {score.cell: score.values.get(name) for score in own}
        return found


def judgements(folder: RunFolder, manifest: Manifest, cells: Sequence[str]) -> Judgements:
    """Return what the judges named in the run's head say of ``cells``, in the order of ``cells``.

    Judgements of referees that the suite no longer has are left out. Raises ``RunError`` as ``read_scores`` does.
    """
    if not manifest.metrics:
        return Judgements()
    known = {(score.cell, score.judge): score for score in read_scores(folder)}
    labels = ["", *(referee.label for referee in manifest.referees)]
    keys = [(cell, label) for cell in cells for label in labels]
    return Judgements(manifest.referees, manifest.metrics, {key: known[key] for key in keys if key in known})
