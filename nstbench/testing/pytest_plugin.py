"""The conformance kit in a plugin's own tests.

    pytest_plugins = ["nstbench.testing.pytest_plugin"]

    NSTBENCH_PLUGIN = "my-plugin"

    def test_conformance(nstbench_check):
        nstbench_check()

is a test for each check of each thing that the plugin called ``my-plugin`` announces. (A variable and no marker: a
module's markers are read before the plugins that it names.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import pytest

from nstbench.testing.conformance import Finding, check_plugin, planned

__all__ = ["pytest_generate_tests"]

VARIABLE = "NSTBENCH_PLUGIN"


@dataclass(frozen=True, slots=True)
class Check:
    """One check; calling it fails, skips or excuses the test as the kit finds."""

    plugin: str
    check: str
    subject: str

    def __call__(self) -> None:
        """Make the checks of the plugin, once for all of its tests, and raise what became of this one."""
        __tracebackhide__ = True
        one = _found(self.plugin)[self.check, self.subject]
        if one.status == "skip":
            pytest.skip(one.message)
        if one.status == "xfail":
            pytest.xfail(one.message)
        if one.status == "fail":
            pytest.fail(f"{self.subject} {self.check}: {one.message}".strip(), pytrace=False)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test of each check for tests that take ``nstbench_check``."""
    if "nstbench_check" not in metafunc.fixturenames:
        return
    plugin = getattr(metafunc.module, VARIABLE, None)
    if not isinstance(plugin, str):
        raise pytest.UsageError(
            f"a test with nstbench_check needs {VARIABLE} = '<entry point of the plugin>' beside it"
        )
    checks = [Check(plugin, *one) for one in planned(plugin)]
    ids = [f"{one.subject}-{one.check}".lstrip("-") for one in checks]
    metafunc.parametrize("nstbench_check", checks, ids=ids)


@cache
def _found(plugin: str) -> Mapping[tuple[str, str], Finding]:
    return {(one.check, one.subject): one for one in check_plugin(plugin)}
