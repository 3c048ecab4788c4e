"""What a terminal shows of a run."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

import nstbench
from nstbench.cli.screen import Screen
from nstbench.execute.events import CellStarted, Progress
from nstbench.live.standing import Standing

LONG = (
    ("vgg19:\n    weights", f"{'a' * 60}:\n    backbone: vgg19\n    backends: torch\n    weights"),
    ("chelsea:", f"{'c' * 64}:"),
    ("ihc:", f"{'s' * 64}:"),
    ("[block1_conv1, block2_conv1]", "{prefixes: [block1_conv1, block2_conv1, block3_conv1, block4_conv1]}"),
)


def shown(standing: Standing, width: int, height: int = 24) -> list[str]:
    console = Console(file=io.StringIO(), width=width, height=height, soft_wrap=True, force_terminal=True)
    console.print(Screen(standing), soft_wrap=True)
    return Text.from_ansi(console.file.getvalue()).plain.splitlines()


@pytest.fixture
def standing(write_suite: Callable) -> Standing:
    plan = nstbench.plan(write_suite(*LONG), device="cpu")
    made = Standing()
    made.begin(plan)
    for one in plan.cells:
        if one.runs:
            made.event(CellStarted(one.cell.id))
            made.event(Progress(one.cell.id, 1, 1.234567e-10, 1234.5))
            made.event(Progress(one.cell.id, 2, 1.234567e-10, 1234.5))
    return made


@pytest.mark.parametrize("width", [60, 80, 109, 110, 200])
def test_a_line_for_each_cell_and_one_for_all_and_none_is_too_wide(standing: Standing, width: int) -> None:
    lines = shown(standing, width)
    assert len(lines) == len(standing.running) + 1 == 5
    assert all(cell_len(line) <= width for line in lines)
    for line in lines[:-1]:
        assert line.startswith("torch a")
        assert "2/2" in line and "1.23e-10" in line and "it/s" in line and "0:00" in line
    assert lines[-1].startswith("0/4 cells") and lines[-1].rstrip().endswith("left")


def test_a_low_terminal_has_what_there_is_room_for(standing: Standing) -> None:
    lines = shown(standing, 80, height=6)
    assert [line.split()[0] for line in lines] == ["torch", "torch", "...", "0/4"]
    assert "and 2 more" in lines[2]


def test_failures_are_counted(standing: Standing) -> None:
    standing.done, standing.failed = 3, 1
    assert shown(standing, 80)[-1].startswith("3/4 cells, 1 failed")
