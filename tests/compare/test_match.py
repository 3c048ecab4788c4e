from __future__ import annotations

from typing import Any

import msgspec
import pytest

from nstbench.compare.match import match
from nstbench.compare.runs import compare
from nstbench.errors import RunError
from nstbench.results import Status


def test_layers_count_and_not_the_number_of_their_set(make_record: Any) -> None:
    whole = [make_record(layers=number) for number in (1, 2, 3)]
    last = [msgspec.structs.replace(whole[2], layer_set="1")]
    found = match(whole, last)
    assert [pair.before[0].layer_set for pair in found.pairs] == ["3"]
    assert len(found.only_before) == 2 and not found.only_after


@pytest.mark.parametrize(
    "change",
    [
        {"content": "x"}, {"style": "x"}, {"label": "x"}, {"backend": "x"}, {"weights": "x"}, {"style_layers": "x"},
        {"style_loss": "gatys"}, {"content_loss": "sum"}, {"seed": 1}, {"total_variation_loss": "isotropic"},
    ],
)  # fmt: skip
def test_what_has_no_like_is_named(change: dict[str, Any], make_record: Any) -> None:
    with pytest.raises(RunError) as refused:
        match([make_record()], [make_record(**change)])
    (name,) = change
    assert f"{name} is " in str(refused.value) and "in the second. Compare runs of the same" in str(refused.value)


def test_settings_that_differ_are_listed_and_matched(run: Any, make_record: Any) -> None:
    changes = {"iterations": 100, "learning_rate": 1.0, "image_size": 256, "weights_sha256": "cd" * 32, "threads": 1}
    before, after = [make_record(), make_record(layers=2)], [make_record(**changes), make_record(layers=2)]
    found = compare(run(before, environment={"versions": {"numpy": "2.3"}}), run(after, environment={"python": "3.12"}))
    listed = {one.what: (one.before, one.after, one.cells) for one in found.differences}
    assert listed["iterations"] == ("30", "100", 1) and listed["learning_rate"] == ("2", "1", 1)
    assert listed["weights_sha256"] == ("ab" * 6, "cd" * 6, 1)
    assert listed["numpy"] == ("2.3", "-", 0) and listed["python"] == ("-", "3.12", 0)
    assert set(listed) == {*changes, "numpy", "python"}
    assert any("losses are of different objectives" in note for note in found.notes)


def test_a_setting_that_a_run_varies_tells_its_cells_apart(make_record: Any) -> None:
    swept = [make_record(learning_rate=rate, total=100 * rate) for rate in (1.0, 2.0, 5.0)]
    found = match(swept, [swept[1], make_record(learning_rate=7.0)])
    ((pair),) = found.pairs
    assert pair.before == pair.after == (swept[1],) and pair.title.endswith("learning_rate=2")
    assert len(found.only_before) == 2 and len(found.only_after) == 1
    ((pair),) = match(swept, [swept[0]]).pairs
    assert pair.before == (swept[0],)
    with pytest.raises(RunError, match=r"learning_rate is 1, 2, 5 in the first and 7 in the second"):
        match(swept, [make_record(learning_rate=7.0)])


def test_repeats_belong_together_and_skipped_cells_to_nobody(make_record: Any) -> None:
    before = [make_record(repeat=number) for number in range(5)]
    skipped = make_record(layers=2, status=Status.SKIPPED)
    found = match([*before, skipped], [*before[:3], skipped])
    assert [(len(pair.before), len(pair.after)) for pair in found.pairs] == [(5, 3)] and not found.only_before


def test_an_empty_run_is_no_run(make_record: Any) -> None:
    with pytest.raises(RunError, match="the second run has no records yet"):
        match([make_record()], [])
