"""What cells of a job share: targets and decoded pictures, as long as they are the latest."""

from __future__ import annotations

import re
from typing import Any

import pytest

from nstbench.execute.kept import Kept


def test_the_last_few_are_kept() -> None:
    kept: Kept[str, str] = Kept(2)
    made: list[str] = []

    def get(key: str) -> str:
        return kept.get(key, lambda: made.append(key) or key.upper())

    assert [get(key) for key in "abab"] == ["A", "B", "A", "B"]
    assert made == ["a", "b"]
    get("a")
    get("c")  # b was not asked for longest
    assert [get(key) for key in "ac"] == ["A", "C"]
    assert made == ["a", "b", "c"]
    get("b")
    assert made == ["a", "b", "c", "b"]


def test_what_cannot_be_made_is_not_remembered() -> None:
    kept: Kept[str, int] = Kept(2)
    with pytest.raises(ZeroDivisionError):
        kept.get("a", lambda: 1 // 0)
    assert kept.get("a", lambda: 1) == 1


def targets(lab: Any, out: str = "run") -> list[str]:
    (log,) = lab.folder(out).logs.glob("*.log")
    return re.findall(r"^fake: targets of (.*)$", log.read_text(), re.MULTILINE)


def test_cells_with_the_same_step_and_pictures_share_targets(lab: Any) -> None:
    # mix1 and mix2 need the network equally deep; mix4 is another step.
    lab.suite([["mix1"], ["mix2"], ["mix4"]], iterations=2, seed=[0, 1])
    assert lab.run(NSTBENCH_FAKE_TELL="1")[0] == 0
    assert len(lab.rows()) == 12
    assert targets(lab) == ["(32, 36)", "(32, 36)", "(40, 32)", "(40, 32)"]


def test_targets_that_are_shared_change_no_bit(lab: Any) -> None:
    lab.suite([["mix1"], ["mix2"]], iterations=3)
    assert lab.run()[0] == 0
    for number in ("1", "2"):
        assert lab.run("--only", f"wave/*/{number}", out=f"alone{number}")[0] == 0
        (alone,) = lab.stable(f"alone{number}")
        assert alone == next(row for row in lab.stable() if (row["style"], row["layer_set"]) == ("wave", number))
