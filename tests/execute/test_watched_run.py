"""``nstbench run --watch`` and ``nstbench watch`` as processes: asked while they run, and gone when they should be."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import psutil
import pytest

ONE = {"content": {"photo": "photo.png"}, "style": {"wave": "wave.png"}}
SLOW = {"NSTBENCH_FAKE_STEP_S": "0.1", "DISPLAY": "", "WAYLAND_DISPLAY": ""}


def get(address: str) -> str:
    with urllib.request.urlopen(address, timeout=20) as answer:
        return answer.read().decode()


def gone(address: str) -> bool:
    try:
        get(address)
    except urllib.error.URLError as error:
        return isinstance(error.reason, ConnectionRefusedError)
    return False


def address_in(text: str) -> str:
    found = re.search(r"http://127\.0\.0\.1:\d+/[\w-]{30,}/(?=\s)", text)
    return found[0] if found else ""


def drawing(address: str) -> Any:
    """Return the page's state if a cell is being computed."""
    state = msgspec.json.decode(get(f"{address}state.json"))
    return state if state["running"] else None


@pytest.fixture
def watched(lab: Any, wait_for: Any, tmp_path: Path) -> tuple[Any, str]:
    """A slow run that is served, with an address that its user's browser was given."""
    shown = tmp_path / "browser"
    shown.write_text(f'#!/bin/sh\necho "$1" >> {tmp_path}/opened\n')
    shown.chmod(0o755)
    lab.suite([["mix1"], ["step-raise"], ["mix2"]], images=ONE, iterations=30, snapshots=5)
    run = lab.start("--watch", **SLOW, BROWSER=str(shown))
    return run, wait_for(lambda: address_in(run.errors.read_text()))


def servers(run: Any) -> list[psutil.Process]:
    below = psutil.Process(run.process.pid).children(recursive=True)
    return [child for child in below if "nstbench.watch" in child.cmdline()]


def test_a_run_is_served_while_it_goes_on_and_no_longer(lab: Any, watched: Any, wait_for: Any, tmp_path: Path) -> None:
    run, address = watched
    below = servers(run)
    assert len(below) == 1 and below[0].nice() >= 10
    wait_for(lambda: "/snapshots/" in get(address))
    page = get(address)
    assert "<b>running</b>" in page and "fakenet" in page
    state = wait_for(lambda: drawing(address))
    assert not state["over"] and state["running"][0]["cells"][0]["y"]["total"]
    wait_for(lambda: "the trap sprang" in get(f"{address}failures.html"))
    wait_for(lambda: "data-result" in get(f"{address}pictures.html"))
    assert run.end() == 1
    assert gone(address) and run.gone(below)
    assert run.output.read_text().splitlines()[0] == str(lab.folder().report)
    assert (tmp_path / "opened").read_text() == f"{address}\n"


def test_kill_9_of_a_run_ends_its_page(watched: Any, wait_for: Any) -> None:
    run, address = watched
    below = servers(run)
    run.process.kill()
    run.end()
    assert run.gone(below, 8.0)
    assert gone(address)


def test_ctrl_c_of_a_run_ends_its_page(watched: Any) -> None:
    run, address = watched
    below = servers(run)
    run.process.send_signal(signal.SIGINT)
    assert run.end(20) == 130
    assert run.gone(below) and gone(address)


def test_quiet_says_where_and_opens_nothing(lab: Any, tmp_path: Path) -> None:
    lab.suite([["mix1"]], images=ONE)
    code, errors = lab.run("--watch", "--quiet", **SLOW, BROWSER=f"touch {tmp_path}/opened")
    assert code == 0 and not (tmp_path / "opened").exists()
    assert errors == f"watch at {address_in(errors)}\n"


@pytest.fixture
def looking(lab: Any, tmp_path: Path, wait_for: Any) -> Iterator[Any]:
    """``nstbench watch`` of a run, from another terminal."""
    started: list[subprocess.Popen[bytes]] = []

    def look(*options: str) -> tuple[subprocess.Popen[bytes], str]:
        command = [sys.executable, "-m", "nstbench", "watch", str(lab.folder().path), *options]
        out = tmp_path / f"watch-{len(started)}.out"
        with out.open("wb") as file:
            environment = os.environ | lab.environment | SLOW
            started.append(subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT, env=environment))
        return started[-1], wait_for(lambda: address_in(out.read_text()))

    yield look
    for process in started:
        process.kill()
        process.wait()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_over_is_shown_until_ctrl_c(lab: Any, looking: Any, number: int) -> None:
    lab.suite([["mix1"]], images=ONE)
    assert lab.run()[0] == 0
    process, address = looking()
    assert "<b>finished</b>" in get(address) and "data-result" in get(address)
    process.send_signal(number)
    assert process.wait(10) == 0
    assert gone(address)


def test_a_run_of_another_terminal_is_shown(lab: Any, looking: Any, wait_for: Any) -> None:
    lab.suite([["mix1"]], images=ONE, iterations=60)
    run = lab.start(**SLOW)
    wait_for(lambda: lab.folder().live.exists() and b'"running":[{' in lab.folder().live.read_bytes())
    process, address = looking("--no-browser")
    assert "<b>running</b>" in get(address)
    run.process.kill()
    run.end()
    wait_for(lambda: "<b>interrupted</b>" in get(address))
    assert process.poll() is None
