"""Figures are drawn in several processes: the same files, whoever draws them and whatever becomes of a helper."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psutil
import pytest
from matplotlib.figure import Figure

from nstbench.errors import RunError
from nstbench.report import drawing
from nstbench.report.drawing import ReportFigure, Sheet

SHEETS = [Sheet("loss", f"loss-{n}", f"caption {n}", n % 2 == 0, partial(Figure, (n, 1))) for n in range(1, 9)]
NOTHING = Sheet("loss", "nothing", "", True, partial(dict.get, {}, "absent"))


def wait_for(holds: Callable[[], object]) -> None:
    until = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.02)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "figures").iterdir()}


@pytest.fixture
def cores(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    return lambda number: monkeypatch.setattr(drawing, "usable_cores", lambda: number)


def draw(sheets: list[Sheet], place: Path) -> list[ReportFigure]:
    with drawing.drawing(sheets, place) as finish:
        return finish()


def test_helpers_draw_the_same_files_and_leave_no_process(
    tmp_path: Path, cores: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = []
    write = Sheet.write
    monkeypatch.setattr(Sheet, "write", lambda sheet, place: here.append(sheet.stem) or write(sheet, place))
    cores(1)
    alone = draw([*SHEETS, NOTHING], tmp_path / "alone")
    assert len(here) == len(SHEETS) + 1
    cores(3)
    here.clear()
    before = set(psutil.Process().children(recursive=True))
    with drawing.drawing([*SHEETS, NOTHING], tmp_path / "together") as finish:
        wait_for(lambda: (tmp_path / "together/figures/loss-1.txt").exists())  # the last but one is a helper's, too
        together = finish()
    assert here == []
    assert set(psutil.Process().children(recursive=True)) == before
    assert together == alone
    assert [figure.path for figure in alone] == [f"figures/{sheet.stem}.png" for sheet in SHEETS]
    assert files(tmp_path / "together") == files(tmp_path / "alone")


@pytest.mark.parametrize(
    "does", ["", "print('not a pickle')", "import sys, time; sys.stdin.buffer.read(1); time.sleep(0.5)"]
)
def test_what_a_helper_that_fails_leaves_is_drawn_here(
    tmp_path: Path, cores: Callable[[int], None], monkeypatch: pytest.MonkeyPatch, does: str
) -> None:
    cores(2)
    monkeypatch.setattr(drawing, "child_python", lambda *_: {"args": [sys.executable, "-c", does], "env": None})
    assert [figure.caption for figure in draw(SHEETS, tmp_path)] == [sheet.caption for sheet in SHEETS]


def test_a_helper_that_is_killed_costs_no_figure(tmp_path: Path, cores: Callable[[int], None]) -> None:
    cores(2)
    before = set(psutil.Process().children())
    with drawing.drawing(SHEETS, tmp_path) as finish:
        wait_for(lambda: (tmp_path / "figures").is_dir())
        (helper,) = set(psutil.Process().children()) - before
        os.kill(helper.pid, signal.SIGKILL)
        assert len(finish()) == len(SHEETS)


def test_a_folder_that_cannot_be_written_is_one_message(tmp_path: Path, cores: Callable[[int], None]) -> None:
    cores(2)
    (tmp_path / "figures").write_text("a file in its place")
    with pytest.raises(RunError, match=r"cannot write .*figures.*\. Choose another folder"):
        draw(SHEETS, tmp_path)


@pytest.mark.parametrize("number", [1, 2])
def test_what_fails_in_a_figure_is_raised_as_it_is(tmp_path: Path, cores: Callable[[int], None], number: int) -> None:
    cores(number)
    with pytest.raises(IndexError, match="pop from empty list"):
        draw([*SHEETS[:5], Sheet("loss", "broken", "", False, partial(list.pop, []))], tmp_path)


def test_an_interrupt_ends_the_helpers_and_leaves_whole_files(tmp_path: Path, cores: Callable[[int], None]) -> None:
    cores(3)
    before = set(psutil.Process().children())
    with pytest.raises(KeyboardInterrupt), drawing.drawing(SHEETS * 20, tmp_path):
        wait_for(lambda: (tmp_path / "figures").is_dir())
        raise KeyboardInterrupt
    assert set(psutil.Process().children()) == before
    assert {path.name[0] for path in (tmp_path / "figures").iterdir()} == {"l"}


def test_a_script_without_a_main_guard_draws_its_report_once(tmp_path: Path) -> None:
    """What ``multiprocessing`` would start over in each of its processes."""
    script = tmp_path / "script.py"
    script.write_text(
        "from functools import partial; from pathlib import Path; from matplotlib.figure import Figure\n"
        "from nstbench.report import drawing\n"
        "drawing.usable_cores = lambda: 3\n"
        "sheets = [drawing.Sheet('loss', str(n), '', False, partial(Figure, (1, 1))) for n in range(9)]\n"
        "with drawing.drawing(sheets, Path('.')) as finish: print(len(finish()))\n"
    )
    done = subprocess.run([sys.executable, script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("9\n", "")
