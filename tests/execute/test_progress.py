"""What a run shows while it goes."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from typing import Any

ONE = {"content": {"photo": "photo.png"}, "style": {"wave": "wave.png"}}


def test_one_line_per_cell_on_a_pipe(lab: Any) -> None:
    lab.suite([["mix1"], ["step-raise"], ["mix2"]], images=ONE)
    code, errors = lab.run()
    assert code == 1
    lines = [line for line in errors.splitlines() if ": disabled: " not in line]
    first, *cells, summary, hint = lines
    assert first == "lab: 3 cells: 3 new"
    pattern = r"\[(\d)/3\] +(\w+) +photo/wave/fakenet/fake/fake-weights/(\d) +(.+)"
    found = [re.fullmatch(pattern, line) for line in cells]
    assert [one.groups()[:3] for one in found if one] == [("1", "ok", "1"), ("2", "error", "2"), ("3", "ok", "3")]
    assert found[1] is not None
    assert found[1][4] == "ValueError: the trap sprang"
    assert sorted(summary.rpartition(": ")[2].split(", ")) == ["1 error", "2 ok"]
    assert hint.startswith("--retry failed")


def test_quiet_prints_the_report_only(lab: Any) -> None:
    lab.suite([["mix1"], ["step-raise"]], images=ONE)
    code, errors = lab.run("--quiet")
    assert (code, errors) == (1, "")
    assert lab.output == f"{lab.folder().report}\n"


def test_lines_that_move_in_a_terminal(lab: Any) -> None:
    lab.suite([["mix1"], ["step-raise"], ["step-sigkill"], ["mix2"]], images=ONE, iterations=30)
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", lab.program, "run", str(lab.path / "suite.yaml"), "--out", str(lab.path / "run")]
    environment = os.environ | lab.environment | {"TERM": "xterm", "COLUMNS": "100", "NSTBENCH_FAKE_STEP_S": "0.03"}
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as run:
        os.close(theirs)
        shown = b""
        while True:
            try:
                data = os.read(ours, 4096)
            except OSError:  # the other side is closed
                break
            if not data:
                break
            shown += data
    os.close(ours)
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode())
    assert run.returncode == 1, text
    assert "Traceback" not in text
    assert re.search(r"fake fakenet set 4: mix2 photo/wave .* \d+/30 +loss \S+ +\S+ it/s +0:0\d", text)
    assert re.search(r"3/4 cells, 2 failed .* \d:\d\d left", text)
    assert [row["status"] for row in lab.rows()] == ["ok", "error", "killed", "ok"]
