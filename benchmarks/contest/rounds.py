"""Rounds: in each, everybody starts afresh, one after the other, and then runs its iterations, one after the other.

Both orders are shuffled by a seed that is recorded. A process that is not in turn is stopped by a signal, so that it
cannot use the processor, and its processor time is read to see that it did not. Machines drift; what is compared was
measured within one round.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

from contest.process import Ended, Process, start
from contest.roster import Contestant, Pythons, bare_import, ceiling

__all__ = ["Contest", "Round", "Turn"]

Say = Callable[[str], None]
Item = TypeVar("Item")


@dataclass(slots=True)
class Turn:
    """What one contestant did in one round: seconds of every iteration, of its start, and its peak memory in MiB.

    ``first`` is its first answer, with the versions it runs on.
    """

    start_s: float
    seconds: list[float] = field(default_factory=list)
    peak_memory_mb: float | None = None
    first: dict[str, Any] = field(default_factory=dict)

    @property
    def step_s(self) -> float:
        """The round's median iteration."""
        return median(self.seconds)


@dataclass(slots=True)
class Round:
    """One round: turns by contestant, seconds of bare imports and rates of the ceiling by framework.

    ``idle_cpu_s`` is the processor time that stopped processes used while others ran.
    """

    turns: dict[str, Turn] = field(default_factory=dict)
    imports: dict[str, float] = field(default_factory=dict)
    rates: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    idle_cpu_s: float = 0.0


@dataclass(slots=True)
class Contest:
    """``failed`` holds the reasons of those that cannot run: they are left out from then on."""

    contestants: Sequence[Contestant]
    pythons: Pythons
    work: Path
    say: Say
    failed: dict[str, str] = field(default_factory=dict)

    def round(self, iterations: int, order: random.Random) -> Round:
        """Run one round of ``iterations`` steps each, shuffled by ``order``."""
        found = Round()
        alive: dict[str, Process] = {}
        try:
            self._start(found, alive, order)
            ceilings = [name for name in alive if name not in found.turns]
            # The ceilings before and after all others: the machine may have been busy with something else once.
            for name in (*ceilings, *_shuffled(found.turns, order), *ceilings):
                before = self._idle(alive, name)
                self._turn(found, name, alive[name], iterations)
                found.idle_cpu_s += self._idle(alive, name) - before
        finally:
            for process in alive.values():
                process.end()
        return found

    def memory(self, iterations: int) -> Round:
        """Start everybody in turn, alone, for a few iterations, and read the peak memory."""
        found = Round()
        for one in self._able():
            self.say(one.name)
            try:
                process = self.launch(one, self.work)
            except Ended as ended:
                self.failed[one.name] = str(ended)
                continue
            try:
                seconds = process.ask(f"run {iterations}")["seconds"]
                found.turns[one.name] = Turn(process.start_s, seconds, process.peak_memory_mb(), process.first)
            except Ended as ended:
                self.failed[one.name] = str(ended)
            finally:
                process.end()
        return found

    def launch(self, one: Contestant, work: Path) -> Process:
        """Start a contestant; return when its first iteration is done. Raises ``Ended`` with the reason if it fails."""
        log = self.work.parent / f"{one.name.replace(' ', '-')}.log"
        return start(self.pythons.command(one, work), self.pythons.environment(one), log)

    def _start(self, found: Round, alive: dict[str, Process], order: random.Random) -> None:
        """Start contestants, ceilings and bare imports; each is stopped once it has taken a second iteration."""
        frameworks = sorted({one.framework for one in self._able()})
        ceilings = [ceiling(framework) for framework in frameworks]
        able: list[Contestant | str] = [*self._able(), *ceilings, *frameworks]
        for one in _shuffled(able, order):
            if isinstance(one, str):
                self._import(found, one)
                continue
            self.say(f"start {one.name}")
            try:
                process = alive[one.name] = self.launch(one, self.work)
                if one not in ceilings:
                    found.turns[one.name] = Turn(process.start_s, first=process.first)
                    process.ask("run 1")
                process.hold()
            except Ended as ended:
                self._drop(found, alive, one.name, ended)

    def _turn(self, found: Round, name: str, process: Process, iterations: int) -> None:
        self.say(f"run {name}")
        process.release()
        try:
            if name in found.turns:
                turn = found.turns[name]
                turn.seconds = process.ask(f"run {iterations}")["seconds"]
                turn.peak_memory_mb = process.peak_memory_mb()
            else:
                rates = found.rates.setdefault(name.removeprefix("ceiling of "), [])
                rates += process.ask("run 1")["measurements"][0]["rates"]
            process.hold()
        except Ended as ended:
            found.turns.pop(name, None)
            self.failed[name] = str(ended)

    def _import(self, found: Round, framework: str) -> None:
        log = self.work.parent / f"import-{framework}.log"
        environment = self.pythons.environment(ceiling(framework))  # type: ignore[arg-type]
        try:
            process = start(bare_import(framework), environment, log)  # type: ignore[arg-type]
        except Ended as ended:
            self.failed[f"import {framework}"] = str(ended)
            return
        found.imports[framework] = process.start_s
        process.end()

    def _drop(self, found: Round, alive: dict[str, Process], name: str, ended: Ended) -> None:
        self.failed[name] = str(ended)
        found.turns.pop(name, None)
        if name in alive:
            alive.pop(name).end()

    def _able(self) -> list[Contestant]:
        return [one for one in self.contestants if one.name not in self.failed]

    def _idle(self, alive: dict[str, Process], name: str) -> float:
        return sum(process.cpu_s() for other, process in alive.items() if other != name)


def _shuffled(items: Iterable[Item], order: random.Random) -> list[Item]:
    shuffled = list(items)
    order.shuffle(shuffled)
    return shuffled
