"""Sheets become files, in several processes where there are cores for them: each takes a second or more."""

from __future__ import annotations

import contextlib
import pickle
import subprocess
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nstbench.children import child_python
from nstbench.measure.environment import usable_cores

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["ReportFigure", "Sheet", "drawing"]

_HELPERS = 3
_WORTH_A_HELPER = 3
"""Sheets that take longer than a process takes to start."""


@dataclass(frozen=True, slots=True)
class ReportFigure:
    """A written figure: ``path``, its PNG, is relative to the run folder.

    Beside the PNG, under the same name, are a ``.pdf``, the caption as ``.txt`` and, of charts, an ``.svg``.
    ``kind`` is ``triptych``, ``layers``, ``loss``, ``tradeoff`` or ``referee``.
    """

    kind: str
    path: str
    caption: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A figure that is not drawn yet; ``stem`` is its name without a suffix, ``chart`` whether it has an SVG.

    ``make`` can be pickled; it returns None where there is nothing to draw.
    """

    kind: str
    stem: str
    caption: str
    chart: bool
    make: Callable[[], Figure | None]

    def write(self, place: Path) -> ReportFigure | None:
        """Draw into ``figures/`` of a folder. Raises ``RunError`` where it cannot be written or the disk is full."""
        from nstbench.report.figure_files import save
        from nstbench.report.style import applied

        with applied():
            figure = self.make()
            if figure is None:
                return None
            path = f"figures/{self.stem}.png"
            save(figure, place / path, self.caption, chart=self.chart)
        return ReportFigure(self.kind, path, self.caption)


_Drawn = dict[str, ReportFigure | None]


@contextlib.contextmanager
def drawing(sheets: Sequence[Sheet], place: Path) -> Iterator[Callable[[], list[ReportFigure]]]:
    """Have other processes draw into ``figures/`` of a folder during the block.

    What it yields draws the rest and returns all that was written, in the order of ``sheets``; it raises as
    ``Sheet.write``. How many processes take part changes no byte.
    """
    # The last are those with the most points and labels: begun first, none of them is waited for at the end.
    waiting, drawn = deque(reversed(sheets)), _Drawn()
    helpers = max(min(usable_cores() - 1, len(sheets) // _WORTH_A_HELPER, _HELPERS), 0)
    with ThreadPoolExecutor(max(helpers, 1)) as pool:
        helping = [pool.submit(_help, waiting, drawn, place) for _ in range(helpers)]

        def finish() -> list[ReportFigure]:
            _draw_here(waiting, drawn, place)
            for each in helping:
                each.result()
            # What a helper could not draw is drawn here, where its failure can be told.
            _draw_here(deque(sheet for sheet in sheets if sheet.stem not in drawn), drawn, place)
            return [figure for sheet in sheets if (figure := drawn[sheet.stem])]

        try:
            yield finish
        finally:
            waiting.clear()  # whatever happened here, a helper ends with the sheet that it has begun


def _taken(waiting: deque[Sheet]) -> Iterator[Sheet]:
    """Yield what is waiting, each sheet to one taker only, until nothing is."""
    while True:
        try:
            sheet = waiting.popleft()
        except IndexError:  # asking first would not do: another thread may take the last one
            return
        yield sheet


def _draw_here(waiting: deque[Sheet], drawn: _Drawn, place: Path) -> None:
    for sheet in _taken(waiting):
        drawn[sheet.stem] = sheet.write(place)


def _help(waiting: deque[Sheet], drawn: _Drawn, place: Path) -> None:
    """Have a process of its own draw what is waiting; at its first failure it is not asked again."""
    process = child_python("-m", "nstbench.report.drawing_helper")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    # In a session of its own: a Ctrl-C is ours to handle.
    with (
        contextlib.suppress(OSError, EOFError, pickle.UnpicklingError),
        subprocess.Popen(**process, **pipes, start_new_session=True) as child,  # type: ignore[call-overload]
    ):
        for sheet in _taken(waiting):
            pickle.dump((sheet, place), child.stdin)
            child.stdin.flush()
            drawn[sheet.stem] = pickle.load(child.stdout)  # noqa: S301 - from our own process
