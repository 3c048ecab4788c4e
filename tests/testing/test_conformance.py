"""What the kit says of a plugin as a whole, what a plugin expects to fail, and the two ways to run it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from nstbench.errors import PluginError
from nstbench.testing.conformance import check_plugin

from .specimens import BACKBONE, BACKWARD, Install, fails, found, network


def test_a_descriptor_that_is_not_valid(tested: Install) -> None:
    tested(BACKBONE.replace('content_layers=("mix2",)', 'content_layers=("mix9",)'))
    fails("descriptor", "default layer 'mix9' of 'net' is not in its layer table", "Mend")


def test_a_plugin_that_announces_nothing(tested: Install) -> None:
    tested("")
    fails("descriptor", "announces nothing", "@hookimpl")


def test_a_framework_imported_with_the_descriptors(tested: Install, tmp_path: Path) -> None:
    (tmp_path / "site" / "timm.py").write_text("")
    tested("import timm\n" + BACKBONE, network())
    fails("import", "imports timm", "`target`")


def test_expected_failures_are_excused_and_listed(tested: Install) -> None:
    rows = "expected_failures = {'gradient': 'the network is frozen solid'}\n"
    tested(BACKBONE + rows, network(BACKWARD.format(code="0 * super().backward(maps, gradients)")))
    one = found("gradient")["gradient"]
    assert one.status == "xfail" and "frozen solid" in one.message
    command = [sys.executable, "-m", "nstbench", "plugins", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    [row] = [row for row in json.loads(done.stdout) if row["plugin"] == "tested"]
    assert (row["status"], row["expected_failures"]) == ("ok", {"gradient": "the network is frozen solid"})


def test_an_expected_failure_that_does_not_fail_any_more(tested: Install) -> None:
    tested(BACKBONE + "expected_failures = {'layers': 'old'}\n", network())
    fails("layers", "take it out")


@pytest.mark.parametrize("table", ["{'gradent': 'why'}", "['gradient']"])
def test_expected_failures_that_mean_nothing(tested: Install, table: str) -> None:
    tested(BACKBONE + f"expected_failures = {table}\n", network())
    with pytest.raises(PluginError, match=r"did you mean 'gradient'|must be a table"):
        found("layers")


def test_a_plugin_that_is_not_there(tested: Install) -> None:
    tested(BACKBONE)
    with pytest.raises(PluginError, match="did you mean 'tested'"):
        check_plugin("testd")


def test_the_command(tested: Install) -> None:
    tested(BACKBONE, network(BACKWARD.format(code="0 * super().backward(maps, gradients)")))
    command = [sys.executable, "-m", "nstbench", "check-plugin", "tested", "--only", "gradient", "--only", "layers"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    lines = {line.split()[2]: line for line in done.stdout.splitlines() if "fake/net" in line}
    assert lines["layers"].startswith("pass") and lines["gradient"].startswith("FAIL")
    assert done.stdout.endswith("1 pass, 1 fail.\n")


TEST = """
pytest_plugins = ["nstbench.testing.pytest_plugin"]

NSTBENCH_PLUGIN = "tested"

def test_conformance(nstbench_check):
    nstbench_check()
"""


def test_the_kit_in_a_plugins_own_tests(tested: Install, tmp_path: Path) -> None:
    """A test for each check: passed, failed with the kit's words, or expected to fail."""
    defect = BACKWARD.format(code="-super().backward(maps, gradients)")
    tested(BACKBONE + "expected_failures = {'differences': 'upside down'}\n", network(defect))
    (tmp_path / "test_mine.py").write_text(TEST)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--strict-markers", "-rfx", "test_mine.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "XFAIL test_mine.py::test_conformance[fake/net-differences]" in done.stdout
    assert "fake/net descent: the loss goes from" in done.stdout
    assert "passed" in done.stdout.splitlines()[-1]
