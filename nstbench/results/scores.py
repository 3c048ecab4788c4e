"""``scores.jsonl``: what referees said of stylised pictures, appended as durably as records."""

from __future__ import annotations

import logging

import msgspec

from nstbench.files import file_sha256
from nstbench.results.folder import RunFolder
from nstbench.results.lines import append_line, scan_lines

__all__ = ["SCORE_SCHEMA", "Score", "append_score", "picture_sha256", "read_scores", "score_column"]

SCORE_SCHEMA = 1

_log = logging.getLogger(__name__)


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """One judgement: one picture by one judge.

    ``judge`` is the referee's label, empty for the metrics that need no network; ``backbone``, ``backend`` and
    ``weights`` are the referee's. ``values`` maps a metric (``style_distance``, per layer ``style_distance:<layer>``)
    to its value, None where ``reasons`` says why it has none. ``image_sha256`` is the picture's as it was judged,
    empty if there was none.
    """

    cell: str
    image_sha256: str
    judge: str
    backbone: str = ""
    backend: str = ""
    weights: str = ""
    weights_sha256: str = ""
    values: dict[str, float | None]
    reasons: dict[str, str] = {}
    identity: str = ""
    schema: int = SCORE_SCHEMA


def score_column(judge: str, metric: str) -> str:
    """Return the column of ``results.csv``: ``vgg19:style_distance``, or the metric alone if it needs no network."""
    return f"{judge}:{metric}" if judge else metric


def append_score(folder: RunFolder, score: Score) -> None:
    """Write one judgement so that it survives a power cut once this returns. Raises ``RunError`` as ``append`` does."""
    append_line(folder.scores, score)


def read_scores(folder: RunFolder) -> list[Score]:
    """Return the last judgement of each (cell, judge), if the picture judged is the cell's present one.

    They are in the order in which each (cell, judge) was judged first. Lines that cannot be read are logged as warnings
    and left out. Raises ``RunError`` if the file cannot be opened or was written by a newer version.
    """
    scores, problems = scan_lines(folder.scores, Score, SCORE_SCHEMA)
    for problem in problems:
        _log.warning("%s", problem)
    last = {(score.cell, score.judge): score for score in scores}
    present = {cell: picture_sha256(folder, cell) for cell in dict.fromkeys(score.cell for score in scores)}
    return [score for score in last.values() if score.image_sha256 == present[score.cell]]


def picture_sha256(folder: RunFolder, cell: str) -> str:
    """Return the hash of a cell's picture, empty if it has none."""
    try:
        return file_sha256(folder.image(cell))
    except OSError:
        return ""
