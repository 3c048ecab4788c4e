"""What is called a regression, and what is not."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from nstbench.compare.runs import compare
from nstbench.compare.verdict import Comparison
from nstbench.errors import RunError
from nstbench.results import Status

SEEDS = range(20)
NETWORKS = (("vgg19", "torch"), ("vgg19", "tensorflow"), ("resnet50", "torch"), ("resnet50", "tensorflow"))


def marks(found: Comparison, metric: str) -> list[str]:
    return [cell.mark for one in found.metrics if one.metric == metric for cell in one.cells]


@pytest.mark.parametrize(("networks", "layers"), [(NETWORKS, 2), (NETWORKS[:1], 1)])
def test_equal_runs_raise_one_false_alarm_in_twenty_at_most(
    run: Any, networks: Any, layers: int, noisy_records: Any
) -> None:
    alarms = [
        compare(run(noisy_records(2 * i, networks, layers)), run(noisy_records(2 * i + 1, networks, layers))).exit_code
        for i in SEEDS
    ]
    assert sum(alarms) <= 1


@pytest.mark.parametrize(("networks", "layers"), [(NETWORKS, 2), (NETWORKS[:1], 1)])
def test_a_slowdown_is_flagged(run: Any, networks: Any, layers: int, noisy_records: Any) -> None:
    flagged = 0
    for i in SEEDS:
        slow = noisy_records(2 * i + 1, networks, layers, slowdown=1.3)
        found = compare(run(noisy_records(2 * i, networks, layers)), run(slow))
        flagged += "step_ms_median" in {one.metric for one in found.regressions}
        assert not any(one.regression for one in found.metrics if one.metric in ("total", "style"))
    assert flagged >= 19


def test_what_is_significant_but_small_is_no_regression(run: Any, make_record: Any) -> None:
    before, after = ([make_record(repeat=i, optimise_s=time + i / 1000) for i in range(8)] for time in (6.0, 6.21))
    (time,) = [one for one in compare(run(before), run(after)).metrics if one.metric == "optimise_s"]
    assert time.low is not None and time.low > 1.03 and not time.regression
    assert compare(run(before), run(after), threshold=0.03).exit_code == 1
    assert compare(run(after), run(before)).exit_code == 0


def test_what_is_large_but_not_significant_is_no_regression(run: Any, make_record: Any) -> None:
    times = [5, 6, 7, 8, 9], [9, 5.5, 6.5, 8.5, 9.5]
    before, after = ([make_record(repeat=i, optimise_s=time) for i, time in enumerate(own)] for own in times)
    found = compare(run(before), run(after), metrics=["optimise_s"])
    assert found.exit_code == 0 and marks(found, "optimise_s") == ["~"]


def test_without_repeats_one_cell_beyond_the_threshold_is_enough(run: Any, make_record: Any) -> None:
    before = [make_record(layers=number) for number in (1, 2, 3)]
    after = [msgspec.structs.replace(before[0], style_weighted=400.0), before[1], before[2]]
    found = compare(run(before), run(after))
    assert [one.metric for one in found.regressions] == ["style"] and found.exit_code == 1
    assert marks(found, "style") == ["+", "", ""] and marks(found, "total") == ["", "", ""]
    assert compare(run(before), run(after), threshold=0.4).exit_code == 0
    better = compare(run(after), run(before))
    assert (better.exit_code, marks(better, "style")) == (0, ["-", "", ""])


def test_a_loss_that_was_nothing_has_no_ratio(run: Any, make_record: Any) -> None:
    nothing = [make_record(style_weighted=0.0)]
    assert compare(run(nothing), run(nothing)).exit_code == 0
    assert compare(run(nothing), run([make_record()])).exit_code == 1


def test_single_times_are_shown_and_decide_only_where_asked(run: Any, make_record: Any) -> None:
    before, after = [make_record()], [make_record(optimise_s=9.0)]
    found = compare(run(before), run(after))
    assert found.exit_code == 0 and marks(found, "optimise_s") == ["+"]
    assert any("shown only" in note for note in found.notes)
    assert compare(run(before), run(after), times=True).exit_code == 1
    assert compare(run(before), run(after), metrics=["optimise_s"]).exit_code == 1
    assert compare(run(before), run(after), metrics=["step_ms_median"]).exit_code == 0


@pytest.mark.parametrize("change", [{"machine": "b" * 10}, {"backend_version": "torch 2.14.0"}, {"machine": None}])
def test_times_of_other_machines_or_versions_are_not_compared_unless_asked(
    run: Any, change: dict[str, Any], noisy_records: Any
) -> None:
    before = noisy_records(0, NETWORKS[:1])
    after = [msgspec.structs.replace(one, **change) for one in noisy_records(1, NETWORKS[:1], slowdown=2)]
    found = compare(run(before), run(after))
    assert found.exit_code == 0 and [one.metric for one in found.metrics] == ["total", "style"]
    assert any("are not compared: another machine or framework version" in note for note in found.notes)
    assert compare(run(before), run(after), times=True).exit_code == 1
    with pytest.raises(RunError, match=r"Pass --times"):
        compare(run(before), run(after), metrics=["optimise_s"])


def test_cells_that_fail_now_are_a_regression(run: Any, make_record: Any, failed: Any) -> None:
    before = [make_record(layers=number) for number in (1, 2)]
    after = [before[0], failed(before[1])]
    found = compare(run(before), run(after))
    assert found.exit_code == 1 and [(one.title[-1], one.reason) for one in found.lost] == [("2", "oom: too large")]
    back = compare(run(after), run(before))
    assert back.exit_code == 0 and len(back.found) == 1
    assert compare(run([failed(one) for one in before[:1]] + before[1:]), run(after[:1] + before[1:])).exit_code == 0
    with pytest.raises(RunError, match="has numbers in both"):
        compare(run([failed(one) for one in before]), run([failed(one) for one in before]))


def test_repeats_that_fail_now_are_one_too_and_the_others_are_compared(
    run: Any, noisy_records: Any, failed: Any
) -> None:
    before = noisy_records(0, NETWORKS[:1])
    after = [failed(one, Status.TIMEOUT) if one.repeat == 3 else one for one in before]
    found = compare(run(before), run(after))
    assert found.exit_code == 1 and not found.regressions
    assert [one.reason for one in found.lost] == ["1 of 5 repeats: timeout: too large"] * 2


def test_one_run_without_repeats_is_judged_by_the_threshold(run: Any, make_record: Any, noisy_records: Any) -> None:
    before, after = noisy_records(0, NETWORKS[:1]), [make_record(repeat=0, total=1000.0, init_noise=0.0)]
    found = compare(run(before), run(after))
    assert found.exit_code == 1 and not found.is_repeated
    assert any("Only one of the runs has repeats" in note for note in found.notes)


def test_few_repeats_are_warned_of(run: Any, noisy_records: Any) -> None:
    found = compare(run(noisy_records(0, repeats=3)), run(noisy_records(1, repeats=3)))
    assert any("at least 5 are advised" in note for note in found.notes)
    assert not any("advised" in note for note in compare(run(noisy_records(0)), run(noisy_records(1))).notes)
