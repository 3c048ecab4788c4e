"""Which cells the end of a worker costs, and what another worker goes on with."""

from __future__ import annotations

from time import monotonic
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from nstbench.execute.aftermath import aftermath
from nstbench.execute.events import CellEnded, CellStarted, Computed, Event, Postponed, Progress
from nstbench.execute.flights import Flights
from nstbench.execute.jobs import JudgeJob, StyliseJob

WHY = "killed"


def flights_after(*events: Event, timeout: float = 10.0) -> Flights:
    flights = Flights(timeout)
    for event in events:
        flights.note(event)
    return flights


def job(cells: str, **fields: Any) -> StyliseJob:
    """A job of cells with ids of one letter."""
    nothing = dict.fromkeys(["backend", "backbone", "weights", "weights_path", "losses", "device", "threads"])
    made = tuple(SimpleNamespace(id=cell) for cell in cells)
    return StyliseJob(**nothing, name="job", precision="float32", cells=made, **fields)  # type: ignore[arg-type]


def after(left: StyliseJob, flights: Flights, *, expired: bool = False) -> tuple[str, StyliseJob]:
    lost, rest = aftermath(left, flights, flights.suspects(expired=expired), WHY)
    assert isinstance(rest, StyliseJob)
    return "".join(lost), rest


def ids(cells: Any) -> str:
    return "".join(one.id for one in cells)


def test_what_dies_while_loading_costs_its_job() -> None:
    lost, rest = after(job("abc"), flights_after())
    assert (lost, rest.cells) == ("abc", ())


def test_a_cell_that_was_computed_alone_is_over() -> None:
    lost, rest = after(job("bc"), flights_after(CellStarted("a"), CellEnded("a", {}), CellStarted("b")))
    assert (lost, ids(rest.cells)) == ("b", "c")
    assert rest.awaited == () and rest.alone == {}


def test_files_that_were_being_written_are_made_once_more() -> None:
    lost, rest = after(job("abc"), flights_after(CellStarted("a"), Computed("a"), CellStarted("b")))
    assert (lost, ids(rest.cells), rest.awaited) == ("b", "ac", ("a",))
    assert [(ids(one.cells), one.awaited) for one in rest.work()] == [("a", True), ("c", False)]


def test_a_second_end_while_writing_is_the_cells_own() -> None:
    flights = flights_after(CellStarted("a"), Computed("a"))
    lost, rest = after(job("ab"), flights)
    assert (lost, ids(rest.cells), rest.awaited) == ("", "ab", ("a",))
    lost, rest = after(rest, flights)
    assert (lost, ids(rest.cells)) == ("a", "b")


def test_a_worker_that_ends_between_two_cells_costs_none() -> None:
    lost, rest = after(job("b"), flights_after(CellStarted("a"), CellEnded("a", {})))
    assert (lost, ids(rest.cells)) == ("", "b")


def test_a_batch_is_split_and_none_of_it_is_over() -> None:
    flights = flights_after(*(CellStarted(cell, batch=3) for cell in "abc"))
    lost, rest = after(job("abcd", batches=(("a", "b", "c"),)), flights)
    assert (lost, ids(rest.cells)) == ("", "abcd")
    assert rest.alone == {"a": WHY, "b": WHY, "c": WHY}
    assert [(ids(one.cells), one.failure) for one in rest.work()] == [("a", WHY), ("b", WHY), ("c", WHY), ("d", "")]
    lost, rest = after(rest, flights_after(CellStarted("a"), CellEnded("a", {}), CellStarted("b")))
    assert lost == "b"


def test_a_batch_that_was_given_up_stays_so() -> None:
    begun = [CellStarted(cell, batch=2) for cell in "ab"]
    flights = flights_after(*begun, Postponed("a", "no memory"), Postponed("b", "no memory"), CellStarted("a"))
    lost, rest = after(job("abc", batches=(("a", "b"),)), flights)
    assert (lost, ids(rest.cells)) == ("a", "bc")
    assert [(ids(one.cells), one.failure) for one in rest.work()] == [("b", "no memory"), ("c", "")]


def test_a_judge_has_neither_batches_nor_files() -> None:
    cells = tuple(SimpleNamespace(id=cell) for cell in "ab")
    left = JudgeJob(name="j", device="cpu", threads=1, precision="float32", cells=cells, judge="", metrics=())  # type: ignore[arg-type]
    flights = flights_after(CellStarted("a"))
    lost, rest = aftermath(left, flights, flights.suspects(expired=False), WHY)
    assert (lost, ids(rest.cells)) == (["a"], "b")


def test_only_those_that_took_too_long_are_over() -> None:
    flights = flights_after(CellStarted("a"), Computed("a"), CellStarted("b"))
    flights.cells["b"].began -= 20
    assert flights.deadline < monotonic()
    lost, rest = after(job("abc"), flights, expired=True)
    assert (lost, ids(rest.cells), rest.awaited) == ("b", "ac", ("a",))
    # Where it is the writing that hangs, the cell that is computed meanwhile is innocent.
    flights = flights_after(CellStarted("a"), Computed("a"), CellStarted("b"))
    flights.cells["a"].began -= 20
    lost, rest = after(job("abc"), flights, expired=True)
    assert (lost, ids(rest.cells), rest.awaited) == ("", "abc", ("a",))
    lost, rest = after(rest, flights, expired=True)
    assert (lost, ids(rest.cells)) == ("a", "bc")


def test_a_batch_may_take_its_cells_time() -> None:
    flights = flights_after(*(CellStarted(cell, batch=4) for cell in "abcd"), timeout=10.0)
    assert flights.deadline == pytest.approx(monotonic() + 40, abs=1)
    flights.note(Computed("a"))
    assert flights.deadline == pytest.approx(monotonic() + 10, abs=1)


def test_the_time_of_every_cell_counts_by_itself() -> None:
    flights = flights_after(CellStarted("a"), Computed("a"), CellStarted("b"))
    flights.cells["a"].began -= 8
    assert flights.deadline == pytest.approx(monotonic() + 2, abs=1)
    flights.note(Progress("b", 1, 0.5, None))
    assert flights.deadline == pytest.approx(monotonic() + 2, abs=1)
    flights.note(CellEnded("a", {}))
    assert flights.deadline == pytest.approx(monotonic() + 10, abs=1)
    assert flights.ended == {"a"}


@pytest.mark.parametrize("done", ["", "b", "ac"])
def test_a_batch_is_the_whole_batch_whatever_is_left(done: str) -> None:
    left = job("abcd", batches=(("a", "b", "c"),)).without(done)
    batch, alone = left.work()
    assert ids(batch.cells) == "abc" and ids(alone.cells) == "d"
    assert ids(batch.wanted) == "".join(cell for cell in "abc" if cell not in done)
    assert msgspec.structs.replace(left, cells=left.cells[-1:]).work()[0].cells == alone.cells
