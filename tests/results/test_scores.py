from __future__ import annotations

import pytest

from nstbench.errors import RunError
from nstbench.files import file_sha256
from nstbench.results import Score, append_score, read_scores, score_column
from nstbench.results.upkeep import forget


@pytest.fixture
def judged(folder):
    """Two cells with a picture each; judge them by ``judged("a", value)``."""
    for cell in "ab":
        folder.cell(cell).mkdir(parents=True)
        folder.image(cell).write_bytes(cell.encode())

    def judge(cell, value, name="vgg19"):
        score = Score(
            cell=cell, image_sha256=file_sha256(folder.image(cell)), judge=name, values={"style_distance": value}
        )
        append_score(folder, score)
        return score

    return judge


def test_the_last_judgement_of_each_cell_and_judge_counts(folder, judged):
    judged("a", 0.5)
    first, second, third = judged("b", 0.25), judged("a", 0.125), judged("a", None, "")
    assert read_scores(folder) == [second, first, third]


def test_a_judgement_of_another_picture_is_left_out(folder, judged):
    judged("a", 0.5)
    kept = judged("b", 0.25)
    folder.image("a").write_bytes(b"a newer picture")
    assert read_scores(folder) == [kept]
    folder.image("b").unlink()
    assert read_scores(folder) == []


def test_a_missing_picture_can_be_judged_as_missing(folder):
    score = Score(cell="a", image_sha256="", judge="", values={"x": None}, reasons={"x": "no picture\udcff"})
    append_score(folder, score)
    assert read_scores(folder)[0].reasons == {"x": "no picture?"}


def test_a_torn_last_line_costs_nothing(folder, judged):
    first = judged("a", 0.5)
    with folder.scores.open("ab") as file:
        file.write(b'{"cell": "b", "image_sha')
    assert read_scores(folder) == [first]
    second = judged("b", 0.25)
    assert read_scores(folder) == [first, second]
    assert folder.scores.read_bytes().count(b"\n") == 2


def test_a_damaged_line_is_warned_of(folder, judged, caplog):
    folder.scores.write_bytes(b"nonsense\n")
    score = judged("a", 0.5)
    assert read_scores(folder) == [score]
    assert "scores.jsonl:1: this score is damaged and was left out" in caplog.text


def test_a_newer_file_is_refused(folder):
    folder.scores.write_bytes(b'{"schema": 2}\n')
    with pytest.raises(RunError, match=r"scores\.jsonl:1 was written by a newer nstbench"):
        read_scores(folder)


def test_fresh_forgets_judgements(folder, judged):
    judged("a", 0.5)
    forget(folder)
    assert not folder.scores.exists()


def test_columns():
    assert score_column("vgg19", "style_distance") == "vgg19:style_distance"
    assert score_column("", "ms_ssim") == "ms_ssim"
