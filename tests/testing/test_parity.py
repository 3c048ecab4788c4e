"""The parity command, small: every bound of the project's promise holds on this machine."""

from __future__ import annotations

import subprocess
import sys

import pytest

from nstbench.errors import RunError
from nstbench.testing import parity as command
from nstbench.testing.parity import ParityOptions, main, parity, table
from nstbench.testing.parity_checks import BOUNDS, Check

SMALL = ParityOptions(size=48, directions=1, threads=1)
NETWORKS = {"vgg19 (keras-imagenet-8bit)", "resnet50 (random:0)"}


@pytest.fixture(scope="module")
def checks() -> list[Check]:
    return parity(SMALL)


def test_the_bounds_are_those_promised() -> None:
    promised = {"features": 1e-5, "formula": 1e-4, "image gradient": 2e-3, "losses": 1e-3}
    assert {name: BOUNDS[name] for name in promised} == promised


@pytest.mark.torch
@pytest.mark.tensorflow
def test_every_bound_holds(checks: list[Check]) -> None:
    text = table(checks)
    assert all(check.ok for check in checks), text
    assert {check.network for check in checks} == NETWORKS
    for network in NETWORKS:
        bounded = [check.name for check in checks if check.network == network and check.bound is not None]
        assert bounded == [
            "features: tensorflow - torch",
            *(
                f"{role} {kind} of features: {backend}"
                for backend in ("torch", "tensorflow")
                for role in ("style", "content")
                for kind in ("loss", "gradient")
            ),
            "image gradient: torch",
            "image gradient: tensorflow",
            "float64 gradient: torch",
            "losses at rate 1: tensorflow - torch",
            "image moved at rate 1: torch",
            "image moved at rate 1: tensorflow",
        ]
        assert sum(check.network == network and check.name.startswith("losses at rate 5") for check in checks) == 1


@pytest.mark.torch
@pytest.mark.tensorflow
def test_every_layer_of_the_tables_is_compared(checks: list[Check]) -> None:
    where = [check.where for check in checks if check.name.startswith("features: ")]
    assert [text.partition(", of ")[2] for text in where] == ["21 layers", "172 layers"]


@pytest.fixture
def measured_as(monkeypatch: pytest.MonkeyPatch) -> object:
    """Replace the measurement by given checks."""
    return lambda given: monkeypatch.setattr(command, "parity", lambda options: given)


def test_exit_codes_and_table(measured_as: object, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = Check("one", "net", 1e-7, "here", 1e-5), Check("two", "net", 2e-5, "there", 1e-5)
    known = Check("three", "net", 0.5, "at rate 5")
    measured_as([good, known])  # type: ignore[operator]
    assert main(["--size", "32"]) == 0
    shown = capsys.readouterr().out
    assert "every bound holds" in shown and "at 32 px" in shown and "FAIL" not in shown
    measured_as([good, bad, known])  # type: ignore[operator]
    assert main([]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[-1] for line in lines[2:5]] == ["ok", "FAIL", "-"]
    assert lines[-1].endswith("1 of the bounds broken.")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--backends", "jax"], "no plugin announces the backend 'jax'; there are"),
        (["--reference", "jax"], "no plugin announces the backend 'jax'"),
        (["--networks", "vgg19"], "'vgg19' is not of the form backbone=weights"),
        (["--networks", "vgg19=nothing"], "no plugin announces weights 'nothing'"),
        (["--networks", "vgg19=random:0", "--content", "mona-lisa"], "scikit-image has no picture 'mona-lisa'"),
    ],
)
def test_what_is_wrong_is_one_line(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    shown = capsys.readouterr().err
    assert message in shown and shown.count("\n") == 1


@pytest.mark.torch
def test_a_process_that_fails_says_why() -> None:
    with pytest.raises(RunError, match=r"^torch \(float64\) failed with exit code 1: .*no device 'cuda:77'"):
        parity(ParityOptions(size=32, networks=("vgg19=random:0",), device="cuda:77"))


def test_the_command_itself_imports_no_framework() -> None:
    code = (
        "import sys, nstbench.testing.parity\n"
        "print([name for name in ('torch', 'tensorflow', 'keras') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
