"""One run of the contest, from the options of the command line to the files it leaves."""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from contest.arithmetic import step_arithmetic
from contest.checks import check
from contest.page import page
from contest.roster import FOLDER, Pythons, chosen
from contest.rounds import Contest, Round
from contest.rows import Results, ceiling_rows, rows
from contest.store import as_text, merged, read, write
from contest.work import WORK, Setting, prepare
from contestants.ceiling import SHAPES
from contestants.work import Work
from nstbench.errors import NstbenchError
from nstbench.files import write_text

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    """Measure and write; return the exit code: 0 all ran, 1 somebody did not, 2 nothing could be prepared."""
    contestants = chosen(options.only)
    peers = options.peers if (options.peers / "bin" / "python").exists() else None
    own = {name: Path(path) for name, _, path in (text.partition("=") for text in options.python_of)}
    with _folder(options.work) as folder:
        try:
            work = prepare(Setting(options.size, options.threads), folder)
        except NstbenchError as error:
            _say(str(error))
            return 2
        contest = Contest(contestants, Pythons(options.threads, peers, own), folder / WORK, _say)
        results = _results(options, contest, work)
    _keep(options, results)
    return 1 if results.failed else 0


def _results(options: argparse.Namespace, contest: Contest, work: Work) -> Results:
    checks = {} if options.memory else check(contest)
    rounds = [contest.memory(options.iterations)] if options.memory else _rounds(options, contest)
    setting = {
        "size": f"{work.width}x{work.height}",
        "threads": options.threads,
        "mode": "memory" if options.memory else "paired",
        "rounds": len(rounds),
        "iterations": options.iterations,
        "seed": options.seed,
        "idle_cpu_s": sum(one.idle_cpu_s for one in rounds),
    }
    shapes = json.loads((contest.work.parent / SHAPES).read_text())
    arithmetic = step_arithmetic(work.height, work.width, work.style_layers, work.content_layer)
    return Results(setting, contest.contestants, rounds, checks, contest.failed, shapes, arithmetic)


def _rounds(options: argparse.Namespace, contest: Contest) -> list[Round]:
    """Each round's order is drawn from the seed and its number."""
    found = []
    for number in range(options.rounds):
        _say(f"round {number + 1} of {options.rounds}")
        found.append(contest.round(options.iterations, random.Random(f"{options.seed}:{number}")))  # noqa: S311
        steps = {name: turn.step_s for name, turn in found[-1].turns.items() if turn.seconds}
        _say("  " + ", ".join(f"{name} {1000 * seconds:.0f} ms" for name, seconds in sorted(steps.items())))
    return found


def _keep(options: argparse.Namespace, results: Results) -> None:
    """Write the files and say the page; a choice of contestants is no setting's result, unless it is given a folder."""
    folder = options.results or (None if options.only else FOLDER / "results")
    found, ceilings = as_text(rows(results)), as_text(ceiling_rows(results))
    if folder is not None:
        found = merged(read(folder / "peers.csv"), found)
        ceilings = merged(read(folder / "ceiling.csv"), ceilings)
        write(folder / "peers.csv", found)
        write(folder / "ceiling.csv", ceilings)
    text = page(found, ceilings)
    if folder is not None:
        write_text(folder / "peers.md", text)
    print(text)  # noqa: T201
    for name, reason in results.failed.items():
        _say(f"{name} did not run: {reason}")


@contextlib.contextmanager
def _folder(given: Path | None) -> Iterator[Path]:
    if given is not None:
        given.mkdir(parents=True, exist_ok=True)
        yield given.absolute()
        return
    with tempfile.TemporaryDirectory(prefix="nstbench-peers-") as folder:
        yield Path(folder)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201
