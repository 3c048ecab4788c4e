"""The parity of the backends, small: every bound of the project's promise holds on this machine."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from nstbench.errors import NstbenchError, RunError
from nstbench.testing.parity import REPORT_RATE, ParityOptions, parity
from nstbench.testing.parity_checks import BOUNDED_RATE, BOUNDS, Check

OTHERS = ("tensorflow", "jax") if find_spec("jax") else ("tensorflow",)
BACKENDS = ("torch", *OTHERS)
SMALL = ParityOptions(
    backends=BACKENDS,
    networks=(("vgg19", "keras-imagenet-8bit"), ("resnet50", "random:0")),
    size=48,
    directions=1,
    threads=1,
    learning_rates=(BOUNDED_RATE, REPORT_RATE),
)
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
    assert [check for check in checks if not check.ok] == []
    assert {check.network for check in checks} == NETWORKS
    for network in NETWORKS:
        bounded = [check.name for check in checks if check.network == network and check.bound is not None]
        assert bounded == [
            *(f"features: {other} - torch" for other in OTHERS),
            *(
                f"{role} {kind} of features: {backend}"
                for backend in BACKENDS
                for role in ("style", "content")
                for kind in ("loss", "gradient")
            ),
            *(f"image gradient: {backend}" for backend in BACKENDS),
            "float64 gradient: torch",
            *(f"losses at rate 1: {other} - torch" for other in OTHERS),
            *(f"image moved at rate 1: {backend}" for backend in BACKENDS),
        ]
        chaotic = [check.name for check in checks if check.network == network and "rate 5: " in check.name]
        assert [name for name in chaotic if name.startswith("losses")] == [
            f"losses at rate 5: {other} - torch" for other in OTHERS
        ]


@pytest.mark.jax
@pytest.mark.torch
def test_jax_is_compared_too(checks: list[Check]) -> None:
    assert sum("jax" in check.name and check.bound is not None for check in checks) == 8 * len(NETWORKS)


@pytest.mark.torch
@pytest.mark.tensorflow
def test_every_layer_of_the_tables_is_compared(checks: list[Check]) -> None:
    where = [check.where for check in checks if check.name.startswith("features: ")]
    expected = ["21 layers"] * len(OTHERS) + ["172 layers"] * len(OTHERS)
    assert [text.partition(", of ")[2] for text in where] == expected


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"backends": ("mxnet",)}, "no plugin announces the backend 'mxnet'; there are"),
        ({"reference": "mxnet"}, "no plugin announces the backend 'mxnet'"),
        ({"networks": (("alexnet", "random:0"),)}, "no backbone 'alexnet'|has no weights for alexnet|alexnet"),
        ({"networks": (("vgg19", "nothing"),)}, "no plugin announces weights 'nothing'"),
        ({"content": "mona-lisa"}, "scikit-image has no picture 'mona-lisa'"),
    ],
)
def test_what_is_wrong_is_one_line(changes: dict[str, object], message: str) -> None:
    options = {"networks": (("vgg19", "random:0"),), "size": 32} | changes
    with pytest.raises(NstbenchError, match=message) as caught:
        parity(ParityOptions(**options))
    assert str(caught.value).count("\n") == 0


@pytest.mark.torch
def test_a_process_that_fails_says_why() -> None:
    with pytest.raises(RunError, match=r"^torch \(float64\) failed with exit code 1: .*no device 'cuda:77'"):
        parity(ParityOptions(size=32, networks=(("vgg19", "random:0"),), device="cuda:77"))
