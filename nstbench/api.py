"""The Python interface: the same functions that the command line calls."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nstbench.execute.options import Options
from nstbench.execute.plan import Plan, make_plan
from nstbench.execute.runner import RunResult, run_suite
from nstbench.execute.watcher import Onlooker, Watcher
from nstbench.results.read import read_results
from nstbench.suite import Suite, load_suite

__all__ = ["load_suite", "plan", "read_results", "run"]


def plan(suite: Suite | str | Path, **options: Any) -> Plan:
    """Return what ``run`` would do; ``options`` are the fields of ``nstbench.execute.options.Options``.

    Imports no framework. Raises ``SuiteError`` for a suite that is wrong and ``RunError`` for a device or folder.
    """
    return make_plan(_suite(suite), _options(options))


def run(suite: Suite | str | Path, watcher: Watcher | None = None, **options: Any) -> RunResult:
    """Run the cells that are not done and write the report; ``options`` as for ``plan``.

    Raises ``MissingError`` before anything runs if an image or weights are missing.
    """
    return run_suite(_suite(suite), _options(options), watcher or Onlooker())


def _suite(suite: Suite | str | Path) -> Suite:
    return suite if isinstance(suite, Suite) else load_suite(suite)


def _options(given: dict[str, Any]) -> Options:
    paths = {name: Path(given[name]) for name in ("out", "weights_dir", "images_dir") if given.get(name) is not None}
    return Options(**given | paths)
