"""A sound network passes the kit; one with a defect fails that check, and reads what to do."""

from __future__ import annotations

import pytest

from nstbench.testing.conformance import check_plugin, planned
from nstbench.testing.conformance_job import CHECKS

from .specimens import BACKBONE, BACKWARD, Install, fails, found, network


def test_a_sound_backbone_passes_every_check(tested: Install) -> None:
    tested(BACKBONE, network())
    findings = check_plugin("tested")
    assert {one.status for one in findings} == {"pass"}, findings
    assert [(one.check, one.subject) for one in findings] == planned("tested")
    assert {one.check for one in findings} == {*CHECKS["plugin"], *CHECKS["backbones"]}
    by_check = {one.check: one.message for one in findings}
    assert "MiB" in by_check["worker"] and "ms more" in by_check["synchronisation"]


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


DEFECTS = {
    "0 * {}": ("gradient", "no gradient reaches the image", "detach"),
    "np.inf * {}": ("gradient", "not finite", "root"),
    "np.nan * {}": ("descent", "not finite at iteration 1", "losses and gradient"),
    "-{}": ("descent", "in 10 steps", "Check the gradient"),
}


@pytest.mark.parametrize("code", DEFECTS)
def test_a_gradient_that_is_none(tested: Install, code: str) -> None:
    tested(BACKBONE, network(BACKWARD.format(code=code.format("super().backward(maps, gradients)"))))
    fails(*DEFECTS[code])


def test_a_gradient_that_is_another_one(tested: Install) -> None:
    tested(BACKBONE, network(BACKWARD.format(code="1.001 * super().backward(maps, gradients)")))
    assert found("gradient")["gradient"].status == "pass"
    fails("differences", "finite difference", "backwards what it does forwards")


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
