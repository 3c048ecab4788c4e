"""A process that helps to draw a report: ``python -m nstbench.report.drawing_helper``, started by ``drawing``.

It reads pickled pairs of a ``Sheet`` and the folder it belongs in from its standard input, answers each with a
``ReportFigure`` or None, and ends with its input, that is, with the process that started it.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import sys

__all__ = ["main"]


def main() -> None:
    """Draw what standard input says until it ends; a sheet that cannot be drawn ends this process."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints is no answer
    with contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            sheet, place = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the process that started this one
            pickle.dump(sheet.write(place), answers)
            answers.flush()


if __name__ == "__main__":
    main()
