"""Sound losses and metrics pass the kit; one with a defect fails that check, and reads what to do."""

from __future__ import annotations

import pytest

from nstbench.testing.conformance import Finding
from nstbench.testing.conformance_job import CHECKS

from .specimens import LOSS, METRIC, Install, fails, found, loss


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
