"""Observers see what happens, and cannot do any harm."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from nstbench.plugin import load_catalogue

OBSERVER = """
from nstbench import hookimpl

seen = []

@hookimpl
def nstbench_cell_finished(record, cell):
    seen.append((cell, record))

@hookimpl
def nstbench_run_finished():
    seen.append("end")
"""

RAISING = """
from nstbench import hookimpl

@hookimpl
def nstbench_cell_finished(record):
    raise {error}
"""


@pytest.fixture(autouse=True)
def alone(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else looks on."""
    monkeypatch.setenv("NSTBENCH_DISABLE_PLUGINS", "mlflow,tensorboard")


def test_every_observer_gets_the_arguments_it_names(install: Callable[..., Path]) -> None:
    install("nst_observer", OBSERVER)
    catalogue = load_catalogue()
    assert not catalogue.notify("nstbench_cell_finished", cell={"a": 1}, record={"b": 2})
    assert not catalogue.notify("nstbench_run_finished", run="reports/x")
    import nst_observer  # type: ignore[import-not-found]

    assert nst_observer.seen == [({"a": 1}, {"b": 2}), "end"]


@pytest.mark.parametrize("error", ["OSError('full')", "SystemExit('full')"])
def test_an_observer_that_raises_is_reported(install: Callable[..., Path], error: str) -> None:
    install("nst_angry", RAISING.format(error=error))
    install("nst_observer", OBSERVER)
    catalogue = load_catalogue()
    [problem] = catalogue.notify("nstbench_cell_finished", cell={}, record={})
    assert (problem.plugin, problem.stage) == ("nst_angry", "nstbench_cell_finished")
    assert problem.error.endswith(": full")
    assert problem in catalogue.problems
    import nst_observer

    assert nst_observer.seen == [({}, {})]


def test_an_observer_that_lacks_what_it_requires_is_left_alone(install: Callable[..., Path]) -> None:
    install("nst_lacking", "requires = ('numpy', 'not-there-at-all')\n" + RAISING.format(error="OSError"))
    install("nst_having", "requires = ('numpy',)\n" + RAISING.format(error="OSError"))
    catalogue = load_catalogue()
    assert [one.plugin for one in catalogue.notify("nstbench_cell_finished", cell={}, record={})] == ["nst_having"]


def test_ctrl_c_in_an_observer_passes(install: Callable[..., Path]) -> None:
    install("nst_angry", RAISING.format(error="KeyboardInterrupt"))
    with pytest.raises(KeyboardInterrupt):
        load_catalogue().notify("nstbench_cell_finished", cell={}, record={})
