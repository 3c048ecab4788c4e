from __future__ import annotations

import numpy as np
import pytest

from nstbench.testing.closed_form import FORMULAS, loss_and_gradient
from nstbench.testing.parity_checks import Check, apart, compare, trace_apart

RANDOM = np.random.default_rng(0)
Arrays = dict[str, np.ndarray]


def measurement() -> Arrays:
    """What a faultless backend would measure on a network of one layer."""
    found: Arrays = {"tap/one": RANDOM.normal(size=(1, 6, 4)), "tap/two": RANDOM.normal(size=(1, 3, 5))}
    for picture in ("probe", "content", "style"):
        found[f"features/{picture}/one"] = RANDOM.normal(size=(1, 6, 4))
    for role, names in FORMULAS.items():
        for name in names:
            pair = found["features/probe/one"], found[f"features/{role}/one"]
            found[f"loss/{role}/{name}/one"], found[f"gradient/{role}/{name}/one"] = loss_and_gradient(
                role, name, *pair
            )
    for part in ("total", "style", "content"):
        found[f"image-gradient/{part}"] = RANDOM.normal(size=(1, 4, 4, 3))
        found[f"slopes/{part}"] = found[f"quotients/{part}"] = RANDOM.normal(size=3)
    trace = np.geomspace(1e6, 1e3, 63).reshape(21, 3)
    trace[0, 2] = 0.0
    return found | {f"trace/{rate}": trace for rate in (1, 5)} | {f"moved/{rate}": np.array([4.0]) for rate in (1, 5)}


def checks(torch: Arrays, other: Arrays, exact: Arrays) -> dict[str, Check]:
    return {check.name: check for check in compare("net", {"torch": torch, "other": other}, ("torch", exact))}


def test_a_faultless_backend() -> None:
    found = measurement()
    result = checks(found, found, found)
    assert all(check.ok for check in result.values())
    assert all(check.worst == 0 for name, check in result.items() if "moved" not in name)


@pytest.mark.parametrize(
    ("key", "factor", "name", "where"),
    [
        ("tap/two", 1 + 2e-5, "features: other - torch", "two, of 2 layers"),
        ("loss/style/normalised/one", 1.0002, "style loss of features: other", "normalised one"),
        ("gradient/style/gatys/one", 1.0002, "style gradient of features: other", "gatys one"),
        ("loss/content/half_sum/one", 0.9998, "content loss of features: other", "half_sum one"),
        ("gradient/content/mean/one", 0.9998, "content gradient of features: other", "mean one"),
        ("image-gradient/content", 1.003, "image gradient: other", "content, against torch in float64"),
        ("trace/1", 1.002, "losses at rate 1: other - torch", ""),
        ("moved/1", 0.1, "image moved at rate 1: other", "mean change of a pixel, grey levels"),
        ("tap/one", np.nan, "features: other - torch", "one, of 2 layers"),
        ("image-gradient/total", np.nan, "image gradient: other", "total, against torch in float64"),
        ("trace/1", np.nan, "losses at rate 1: other - torch", "total, iteration 0"),
    ],
)
def test_each_fault_breaks_its_bound_and_no_other(key: str, factor: float, name: str, where: str) -> None:
    good = measurement()
    result = checks(good, good | {key: good[key] * factor}, good)
    assert [check.name for check in result.values() if not check.ok] == [name]
    assert result[name].where.startswith(where)


def test_a_wrong_reference_is_found_by_differences() -> None:
    good = measurement()
    exact = good | {"slopes/style": good["slopes/style"] * 1.001}
    assert [check.name for check in checks(good, good, exact).values() if not check.ok] == ["float64 gradient: torch"]


def test_the_reports_rate_is_not_bounded() -> None:
    good = measurement()
    far = checks(good, good | {"trace/5": good["trace/5"] * 2, "moved/5": np.zeros(1)}, good)
    assert all(check.ok for check in far.values()) and far["losses at rate 5: other - torch"].worst == pytest.approx(1)


def test_a_layer_that_is_missing_or_misshapen() -> None:
    good = measurement()
    for other in ({"tap/one": good["tap/one"][:, :5]}, {"tap/one": good["tap/one"].reshape(1, 4, 6)}):
        assert not checks(good, good | other, good)["features: other - torch"].ok
    without = {key: values for key, values in good.items() if key != "tap/two"}
    assert not checks(good, without, good)["features: other - torch"].ok


def test_apart() -> None:
    a = np.array([3.0, 4.0])
    assert apart(a, a) == 0 and apart(np.array([3.05, 4.0]), a) == pytest.approx(0.01)
    assert apart(a, a[:1]) == np.inf and apart(a, a * 0) == np.inf and apart(a * 0, a * 0) == 0
    assert np.isnan(apart(a * np.nan, a)) and not Check("n", "n", np.nan, bound=1.0).ok
    assert not Check("n", "n", np.nan, bound=1.0, at_least=True).ok


def test_traces() -> None:
    b = np.array([[10.0, 10.0, 0.0], [8.0, 6.0, 2.0]])
    assert trace_apart(b, b)[0] == 0
    assert trace_apart(b * [1, 1, 1.01], b) == (pytest.approx(0.01), "content, iteration 1")
    assert trace_apart(b + 1e-9 * (b == 0), b)[0] == pytest.approx(5e-4)
    assert trace_apart(b[:1], b)[0] == np.inf
    zero = np.zeros((2, 3))
    assert trace_apart(zero, zero)[0] == 0
