"""Plugins for the conformance kit to look at: sound ones, and what to put into them for a defect."""

from __future__ import annotations

from collections.abc import Callable

from nstbench.testing.conformance import Finding, check_plugin

Install = Callable[..., None]

HEAD = """
from nstbench import hookimpl
from nstbench.plugin.descriptors import BackboneInfo, LossInfo, MetricInfo, Preprocessing, ReporterInfo
from nstbench.plugin.descriptors import WeightsFile, WeightsInfo
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

REPORTER = (
    HEAD
    + """
@hookimpl
def nstbench_reporters():
    yield ReporterInfo("shown", "nst_tested.network:shown", files=("shown.html", "shown"))
"""
)

BACKWARD = """
def backward(self, maps, gradients):
    return {code}
"""


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
