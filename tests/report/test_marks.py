from __future__ import annotations

import msgspec
import pytest

from nstbench.report import build_report
from nstbench.report.marks import footnotes, letters
from nstbench.results import Status
from nstbench.results.marks import MARKS

pytestmark = pytest.mark.usefixtures("without_figures")


def marked(records, *marks: str):
    return [msgspec.structs.replace(one, marks=names) for one, names in zip(records, marks, strict=False)]


def test_a_letter_for_each_mark(records):
    shown = [letters(msgspec.structs.replace(records[0], marks=name)) for name in MARKS]
    assert shown == [f"<sup>{letter}</sup>" for letter in "abcdefg"]
    assert letters(records[0]) == ""


def test_footnotes_say_threshold_and_count(records):
    first, second, third = (msgspec.structs.replace(one, moved=1.0) for one in records[:3])
    never = msgspec.structs.replace(second, best_iteration=0)
    lines = footnotes(marked([first, never, third], "above-start clipped", "above-start", ""))
    assert len(lines) == 2
    assert lines[0].startswith("<sup>a</sup> *above-start*: ended above the loss of its start image")
    assert lines[0].endswith("2 of the 3 cells that ran; 1 of them never came below it.")
    assert "more than 10% of the pixels" in lines[1] and lines[1].endswith("1 of the 3 cells that ran.")


def test_pairs_are_judged_or_said_not_to_be(records):
    (unknown,) = footnotes([msgspec.structs.replace(one, moved=1.0) for one in (records[0], records[5])])
    assert "not judged for 1 pair" in unknown and "9.9e-03 apart" in unknown and "rounding_probe" in unknown
    probed = [
        msgspec.structs.replace(one, moved=1.0, rounding_spread=s)
        for one, s in ((records[0], 2e-5), (records[5], None))
    ]
    (known,) = footnotes(probed)
    assert "1 pair of the same cell, at most 9.9e-03 apart (vgg19, set 1, torch and tensorflow)" in known
    assert "roundings of torch are 2.0e-05 to 2.0e-05 apart" in known


def test_the_report_has_them_under_the_table(make_run, records):
    records = [msgspec.structs.replace(one, moved=1.0) for one in records if one.status is Status.OK]
    records[0] = msgspec.structs.replace(records[0], initial_total=1.0, relative_total=8e5)
    text = build_report(make_run(records[:2]).path).folder.report.read_text()
    assert "(800,000)<sup>a</sup>" in text
    assert "1 of the 2 cells that ran" in text.partition("**Runtime**")[0]
    assert "<sup>b</sup>" not in text
