"""``nstbench verify``: what it checks, and how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from nstbench.cli import main
from nstbench.measure import environment
from nstbench.plugin import load_catalogue
from nstbench.testing import verify as room
from nstbench.testing.parity_checks import Check
from nstbench.testing.verify import Network, Verdict, networks_here
from nstbench.weights import Located

FAKE = Path(__file__).parents[1] / "execute" / "fake"

TWIN = """
import dataclasses
import nstbench_fake as fake
from nstbench_fake.backend import FakeBackend
from nstbench_fake.network import FakeNet
from nstbench import hookimpl

class Backend(FakeBackend):
    def open(self, backbone, weights, layers):
        return Net(weights, layers)

class Net(FakeNet):
    def forward(self, image):
        maps = super().forward(image)
        maps["mix2"] = maps["mix2"] * {factor}
        return maps

@hookimpl
def nstbench_backends():
    for info in fake.nstbench_backends():
        yield dataclasses.replace(info, name="twin", target="twin:Backend")

@hookimpl
def nstbench_backbones():
    for info in fake.nstbench_backbones():
        if info.name == "fakenet":
            yield dataclasses.replace(info, backend="twin")
"""


@pytest.fixture(autouse=True)
def fake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(FAKE))


@pytest.fixture
def twin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Return a function that installs a second backend for the same network, one of whose layers is off by a factor."""

    def install(factor: float) -> None:
        info = tmp_path / "twin-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: twin\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text("[nstbench]\ntwin = twin\n")
        (tmp_path / "twin.py").write_text(TWIN.replace("{factor}", str(factor)))
        monkeypatch.syspath_prepend(str(tmp_path))

    yield install
    sys.modules.pop("twin", None)


@pytest.fixture
def nstbench(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    def call(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as stopped:
            main(list(arguments))
        return int(stopped.value.code or 0), *capsys.readouterr()

    return call


def test_two_backends_that_agree(nstbench: Callable, twin: Callable) -> None:
    twin(1.0)
    code, out, err = nstbench("verify", "fakenet")
    assert code == 0, out + err
    assert "features: twin - fake" in out and "losses at rate 1: twin - fake" in out
    assert "FAIL" not in out and "bounds hold." in out and "only" not in out


def test_wrong_features_are_found(nstbench: Callable, twin: Callable) -> None:
    twin(1.001)
    code, out, _ = nstbench("verify", "fakenet", "--json")
    found = json.loads(out)
    assert code == 1 and found["ok"] is False
    broken = [check["check"] for check in found["checks"] if not check["ok"]]
    assert "features: twin - fake" in broken and "image gradient: fake" not in broken
    (features,) = [check for check in found["checks"] if check["check"] == "features: twin - fake"]
    assert features["where"].startswith("mix2") and features["error"] == pytest.approx(1e-3, rel=0.01)


def test_a_backend_that_is_alone_is_said_to_be(nstbench: Callable) -> None:
    code, out, err = nstbench("verify", "fakenet", "--size", "32")
    assert code == 0, out + err
    assert "features: fake - fake in float64" in out
    assert "only fake has it" in out and "not against another backend" in out


def test_a_backend_that_cannot_open_it_is_no_failed_bound(nstbench: Callable) -> None:
    code, out, _ = nstbench("verify", "load-raise")
    assert code == 2
    assert "could not be checked: load-raise: fake (float64) failed with exit code 1: sprang" in out
    assert "no bound was checked, 1 not checked." in out


def test_what_there_is_nothing_to_check_of(nstbench: Callable, tmp_path: Path) -> None:
    code, _, err = nstbench("verify", "fakeney")
    assert code == 2 and "there is no backbone 'fakeney'; did you mean 'fakenet'?" in err
    code, _, err = nstbench("verify", "fakenet", "--weights-dir", str(tmp_path / "nowhere"))
    assert code == 2 and "is not a folder" in err and "Traceback" not in err


def test_no_weights_and_no_backend(monkeypatch: pytest.MonkeyPatch, nstbench: Callable) -> None:
    monkeypatch.setattr(room, "locate", lambda *_: Located("missing", problem="it is not here. Put it here."))
    code, _, err = nstbench("verify", "fakenet")
    assert (code, err) == (2, "fakenet: it is not here. Put it here.\n")
    monkeypatch.setattr(environment, "distribution_version", lambda name: None)
    code, _, err = nstbench("verify", "fakenet")
    assert code == 2 and "none of its backends is installed. Run pip install fakeframework." in err


def test_the_first_weights_that_are_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr(environment, "distribution_version", lambda name: "1")
    found, _ = networks_here(load_catalogue(), "vgg19")
    assert found == [Network("vgg19", "keras-imagenet-8bit", ("torch", "jax", "tensorflow"))]
    found, _ = networks_here(load_catalogue(), "resnet50")
    assert found == [Network("resnet50", "random:0", ("torch", "jax", "tensorflow"))]
    for absent, left in (("tensorflow", ("torch", "jax")), ("jax", ("torch", "tensorflow")), ("keras", ("torch",))):
        monkeypatch.setattr(
            environment, "distribution_version", lambda name, absent=absent: None if name == absent else "1"
        )
        assert networks_here(load_catalogue(), "vgg19")[0][0].backends == left


def test_one_network_that_fails_does_not_hide_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    found, failures = room._measure(
        load_catalogue(), [Network(name, "fake-weights", ("fake",)) for name in ("load-raise", "fakenet")], None, 32
    )
    assert {check.network for check in found} == {"fakenet (fake-weights)"}
    assert [text.partition(":")[0] for text in failures] == ["load-raise"]


@pytest.mark.parametrize(
    ("errors", "failures", "code"), [((), (), 0), ((1.0,), (), 1), ((), ("x",), 2), ((1.0,), ("x",), 1)]
)
def test_exit_codes(errors: tuple[float, ...], failures: tuple[str, ...], code: int) -> None:
    checks = tuple(Check("one", "net", error, bound=0.5) for error in (0.1, *errors))
    assert Verdict((), checks, (), failures).exit_code == code


def test_the_command_itself_imports_no_framework() -> None:
    code = (
        "import sys, nstbench.testing.verify\n"
        "print([name for name in ('torch', 'tensorflow', 'keras', 'jax') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
