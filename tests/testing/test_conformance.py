"""A plugin that keeps to the contract passes the kit; one with a defect fails that check, and reads what to do."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from nstbench.errors import PluginError
from nstbench.testing.conformance import Finding, check_plugin, planned
from nstbench.testing.conformance_job import CHECKS

Install = Callable[..., None]

HEAD = """
from nstbench import hookimpl
from nstbench.plugin.descriptors import BackboneInfo, LossInfo, MetricInfo, Preprocessing, WeightsFile, WeightsInfo
"""

BACKBONE = (
    HEAD
    + """
LAYERS = ("mix1", "mix2", "mix3", "mix4")

@hookimpl
def nstbench_backbones():
    yield BackboneInfo("net", "nst_tested.network:build", backend="fake", layers={one: one for one in LAYERS},
                       content_layers=("mix2",), style_layers=LAYERS, weights=("net-noise",))

@hookimpl
def nstbench_weights():
    file = WeightsFile("nstbench_fake/fakenet.json", distribution="nstbench-fake")
    yield WeightsInfo("net-noise", "nstbench_fake.network:read_weights", files={"net": file}, architecture="fake",
                      preprocessing=Preprocessing("RGB", (128.0, 128.0, 128.0), (64.0, 64.0, 64.0)))
"""
)

NETWORK = """
import numpy as np
from nstbench_fake.network import FakeNet

class Net(FakeNet):
{body}

build = Net
"""

LOSS = (
    HEAD
    + """
@hookimpl
def nstbench_losses():
    yield LossInfo("lost", "nst_tested.network:term", role="style", source="made up")
"""
)

TERM = """
import numpy as np

class Term:
    def target(self, xp, features):
        return {target}

    def loss(self, xp, features, target):
        return {loss}

term = Term()
"""

METRIC = (
    HEAD
    + """
@hookimpl
def nstbench_metrics():
    yield MetricInfo("judged", "nst_tested.network:judged", kind="{kind}", unit="-", direction="lower", meaning="-",
                     source="made up")
"""
)


def network(body: str = "") -> str:
    """Return a network that is the laboratory's but for what ``body`` overrides."""
    lines = body.strip("\n").splitlines() or ["pass"]
    return NETWORK.format(body="\n".join(f"    {line}" for line in lines))


def loss(loss: str = "xp.mean(xp.square(xp.gram(features) / features.shape[1] - target), axis=(1, 2))") -> str:
    """Return a Gram loss, or another one that compares ``features`` with the Gram matrix ``target``."""
    return TERM.format(target="xp.gram(features) / features.shape[1]", loss=loss)


def found(*only: str) -> dict[str, Finding]:
    return {one.check: one for one in check_plugin("tested", only=only)}


def fails(check: str, *texts: str) -> None:
    one = found(check)[check]
    assert one.status == "fail", one
    assert [text for text in texts if text not in one.message] == [], one.message


def test_a_sound_backbone_passes_every_check(tested: Install) -> None:
    tested(BACKBONE, network())
    findings = check_plugin("tested")
    assert {one.status for one in findings} == {"pass"}, findings
    assert [(one.check, one.subject) for one in findings] == planned("tested")
    assert {one.check for one in findings} == {*CHECKS["plugin"], *CHECKS["backbones"]}
    by_check = {one.check: one.message for one in findings}
    assert "MiB" in by_check["worker"] and "ms more" in by_check["synchronisation"]


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


LAYERS = """
def features(self, image):
    found = super().features(image)
    return {code}
"""
SHAPES = {
    "{name: one for name, one in found.items() if name != 'mix3'}": ("'mix3'", "not among the features"),
    "{name: one.reshape(-1) for name, one in found.items()}": ("'mix1'", "(2, M, N)"),
    "{name: one / 0 for name, one in found.items()}": ("not finite", "weights"),
    "{name: np.swapaxes(one, 1, 2) for name, one in found.items()}": ("twice as wide", "channels come last"),
}


@pytest.mark.parametrize("code", SHAPES)
def test_a_layer_that_is_no_map(tested: Install, code: str) -> None:
    tested(BACKBONE, network(LAYERS.format(code=code)))
    fails("layers", *SHAPES[code])


def test_a_layer_that_another_one_writes_into(tested: Install) -> None:
    body = """
def forward(self, image):
    maps = super().forward(image)
    if "mix3" in maps:
        np.maximum(maps["mix2"], 0.5, out=maps["mix2"])
    return maps
"""
    tested(BACKBONE, network(body))
    fails("taps", "'mix2'", "inplace=False")


BACKWARD = """
def backward(self, maps, gradients):
    return {code}
"""


def test_a_gradient_that_does_not_arrive(tested: Install) -> None:
    tested(BACKBONE, network(BACKWARD.format(code="0 * super().backward(maps, gradients)")))
    fails("gradient", "no gradient reaches the image", "detach")


def test_a_gradient_that_is_not_finite(tested: Install) -> None:
    tested(BACKBONE, network(BACKWARD.format(code="np.inf * super().backward(maps, gradients)")))
    fails("gradient", "not finite", "root")


def test_a_gradient_that_is_another_one(tested: Install) -> None:
    tested(BACKBONE, network(BACKWARD.format(code="1.001 * super().backward(maps, gradients)")))
    assert found("gradient")["gradient"].status == "pass"
    fails("differences", "finite difference", "backwards what it does forwards")


def test_a_descent_that_diverges(tested: Install) -> None:
    tested(BACKBONE, network(BACKWARD.format(code="np.nan * super().backward(maps, gradients)")))
    fails("descent", "not finite at iteration 1", "losses and gradient")


def test_a_gradient_uphill(tested: Install) -> None:
    tested(BACKBONE, network(BACKWARD.format(code="-super().backward(maps, gradients)")))
    fails("descent", "in 10 steps", "Check the gradient")


def test_a_network_with_dropout(tested: Install) -> None:
    body = """
def forward(self, image):
    maps = super().forward(image)
    maps["mix1"] = maps["mix1"] * (np.random.random(maps["mix1"].shape) < 0.9).astype(image.dtype)
    return maps
"""
    tested(BACKBONE, network(body))
    fails("repeat", "one seed differ", "evaluation mode")


def test_a_network_that_only_the_kit_can_open(tested: Install) -> None:
    body = """
def __init__(self, weights, layers):
    import sys
    super().__init__(weights, layers)
    if "nstbench.execute.worker" in " ".join(sys.orig_argv):
        raise OSError("not in a worker")
"""
    tested(BACKBONE, network(body))
    assert found("layers")["layers"].status == "pass"
    fails("worker", "not in a worker", "mend that")


def test_a_network_that_cannot_be_built(tested: Install) -> None:
    tested(BACKBONE, "def build(weights, layers):\n    raise KeyError('conv9')\n")
    fails("layers", "KeyError: 'conv9' (network.py, line 2)")


def test_a_network_that_ends_the_process(tested: Install) -> None:
    tested(BACKBONE, "import sys\ndef build(weights, layers):\n    sys.exit('bye')\n")
    one = found("layers", "taps")
    assert {each.status for each in one.values()} == {"fail"}
    assert "exit code 1 at 'layers': bye" in one["taps"].message


def test_weights_that_are_not_here(tested: Install) -> None:
    tested(BACKBONE.replace("fakenet.json", "elsewhere.json"), network())
    fails("layers", "could not be checked", "elsewhere.json")


@pytest.mark.torch
def test_a_sound_loss(tested: Install) -> None:
    tested(LOSS, loss())
    assert {check: one.status for check, one in found().items()} == dict.fromkeys(
        [*CHECKS["plugin"], *CHECKS["losses"]], "pass"
    )


@pytest.mark.parametrize(
    ("check", "formula", "texts"),
    [
        ("zero", "xp.mean(xp.square(xp.gram(features) - target), axis=(1, 2))", ("not 0", "exactly as `loss`")),
        ("zero", "xp.mean(xp.square(xp.gram(features) - target), axis=(0, 1, 2))", ("(3,)", "not over the batch")),
        ("zero", "features[:, 0, 0] * np.nan", ("finite",)),
        (
            "batch",
            "xp.mean(xp.square(xp.gram(features) - target), axis=(1, 2)) * xp.mean(features, axis=(0, 1, 2))",
            ("Axis 0 is the batch",),
        ),
    ],
)
def test_a_loss_with_a_defect(tested: Install, check: str, formula: str, texts: tuple[str, ...]) -> None:
    tested(LOSS, loss(formula))
    fails(check, *texts)


@pytest.mark.torch
@pytest.mark.parametrize(
    ("formula", "texts"),
    [
        ("xp.sqrt(xp.mean(xp.square(features - features), axis=(1, 2)))", ("not finite", "under a root")),
        (
            "xp.mean(features, axis=(1, 2)) * xp.constant(np.asarray(features.detach().mean((1, 2)))"
            " if hasattr(features, 'detach') else features.mean((1, 2)), features)",
            ("finite difference", "not differentiated"),
        ),
    ],
)
def test_a_loss_with_a_wrong_gradient(tested: Install, formula: str, texts: tuple[str, ...]) -> None:
    tested(LOSS, loss(formula))
    fails("gradient", *texts)


JUDGED = """
import numpy as np
from nstbench.errors import NotApplicable
def judged(exhibit):
"""


def metric(tested: Install, code: str, kind: str = "picture") -> dict[str, Finding]:
    tested(METRIC.format(kind=kind), JUDGED + f"    {code}\n")
    return found("value", "repeat")


def test_sound_metrics(tested: Install) -> None:
    mean = "return float(np.mean(exhibit.image) - np.mean(exhibit.content))"
    assert {one.status for one in metric(tested, mean).values()} == {"pass"}
    looks = "return {layer: float(one.mean()) for layer, one in exhibit.features('style').items()}"
    assert {one.status for one in metric(tested, looks, "features").values()} == {"pass"}
    not_here = metric(tested, "raise NotApplicable('too small a picture')")
    assert {(one.status, one.message) for one in not_here.values()} == {("skip", "too small a picture")}


@pytest.mark.parametrize("code", ["return float('nan')", "return 'much'", "return {'': 1.0, 'part': None}"])
def test_a_metric_that_is_no_number(tested: Install, code: str) -> None:
    one = metric(tested, code)["value"]
    assert one.status == "fail" and "NotApplicable with the reason" in one.message


def test_a_metric_that_does_not_say_why_it_has_no_value(tested: Install) -> None:
    one = metric(tested, "raise NotApplicable('')")["value"]
    assert one.status == "fail" and "Say in it why" in one.message


def test_a_metric_with_chance_in_it(tested: Install) -> None:
    one = metric(tested, "return float(np.random.random())")["repeat"]
    assert one.status == "fail" and "fixed seed" in one.message


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
