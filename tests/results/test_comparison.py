"""Closed or open is worked out from what ran, not from what the suite says."""

from __future__ import annotations

from typing import Any

import pytest

from nstbench.results.comparison import differences, with_comparison
from nstbench.results.record import Record, Status

KNOWN: dict[str, Any] = {
    "content": "c", "style": "s", "layer_set": "1", "content_layers": "a", "style_layers": "b", "style_loss": "mean",
    "content_loss": "mean", "content_weight": 1.0, "style_weight": 1.0, "total_variation_weight": 0.0,
    "optimizer": "adam", "iterations": 1, "init": "content", "seed": 0, "image_size": 64, "precision": "float32",
}  # fmt: skip


def record(label: str, backend: str, sha256: str | None, status: Status = Status.OK, **changes: Any) -> Record:
    names = {"cell": f"{label}-{backend}", "backbone": label.partition("-")[0], "label": label, "backend": backend}
    return Record(**(KNOWN | changes), **names, weights="w", weights_sha256=sha256, status=status)


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([("vgg19", "torch", "x"), ("vgg19", "tensorflow", "x")], ["closed", "closed"]),
        ([("vgg19", "torch", "x"), ("vgg19", "tensorflow", "y")], ["open", "open"]),
        ([("vgg19-a", "torch", "x"), ("vgg19-b", "tensorflow", "y")], ["open", "open"]),
        ([("vgg19-a", "torch", "x"), ("vgg19-b", "tensorflow", "x")], ["closed", "closed"]),
        ([("vgg19", "torch", "x"), ("resnet50", "tensorflow", "x")], [None, None]),
        ([("vgg19", "torch", "x"), ("vgg19", "tensorflow", "x"), ("vgg19-z", "torch", "z")], 2 * ["closed"] + ["open"]),
    ],
)  # fmt: skip
def test_the_same_parameters_on_every_backend(records: list[tuple[str, str, str]], expected: list[str | None]) -> None:
    assert [one.comparison for one in with_comparison([record(*given) for given in records])] == expected


def test_what_did_not_run_is_compared_with_nothing() -> None:
    records = [record("vgg19", "torch", "x"), record("vgg19", "tensorflow", None, Status.UNAVAILABLE)]
    assert [one.comparison for one in with_comparison(records)] == [None, None]


@pytest.mark.parametrize(
    "changes",
    [
        {"content_weight": 2.0}, {"style_loss": "gatys"}, {"learning_rate": 5.0}, {"image_size": 32},
        {"iterations": 2}, {"precision": "float64"}, {"content_sha256": "c"}, {"style_layers": "c"}, {"seed": 1},
    ],
)  # fmt: skip
def test_two_labels_are_closed_only_with_the_same_settings(changes: dict[str, Any]) -> None:
    records = [record("vgg19-a", "torch", "x"), record("vgg19-b", "tensorflow", "x", **changes)]
    assert [one.comparison for one in with_comparison(records)] == ["open", "open"]
    (difference,) = differences([records])
    name = {"content_sha256": "content"}.get(*changes) if "content_sha256" in changes else next(iter(changes))
    assert difference.what == name
    assert sorted(map(sorted, difference.values.values())) == [[("vgg19-a", "torch")], [("vgg19-b", "tensorflow")]]


def test_a_label_is_compared_point_by_point() -> None:
    """Its grid is the same on every backend; where a counterpart failed, the weights alone decide."""
    grid = [
        record("vgg19", backend, "x", learning_rate=rate) for backend in ("torch", "tensorflow") for rate in (1.0, 2.0)
    ]
    assert {one.comparison for one in with_comparison(grid)} == {"closed"}
    assert {one.comparison for one in with_comparison(grid[:3])} == {"closed"}
    changed = record("vgg19", "tensorflow", "x", learning_rate=1.0, content_sha256="new")
    assert [one.comparison for one in with_comparison([*grid[:2], changed, grid[3]])] == ["open", "closed"] * 2


def test_layers_of_different_networks_are_no_difference() -> None:
    records = [record("vgg19", "torch", "x"), record("resnet50", "torch", "y", style_layers="conv2")]
    assert [one.what for one in differences([records])] == ["network", "weights"]


def test_a_sweep_that_both_make_is_no_difference() -> None:
    sweep = [record("vgg19", backend, "x", seed=seed) for backend in ("torch", "tensorflow") for seed in (1, 2)]
    assert differences([sweep]) == ()
    (difference,) = differences([sweep[:3]])
    assert difference.values == {"1": (("vgg19", "torch"), ("vgg19", "tensorflow")), "2": (("vgg19", "torch"),)}


def test_differences_of_all_rows_add_up() -> None:
    rows = [
        [record("vgg19-a", "torch", "x", **one), record("vgg19-b", "torch", "x", **other)]
        for one, other in (({"seed": 1}, {"seed": 2}), ({"beta1": 0.5}, {"beta1": None}), ({}, {}))
    ]
    found = {one.what: one.values for one in differences(rows)}
    assert list(found) == ["beta1", "seed"]
    assert found["seed"] == {"1": (("vgg19-a", "torch"),), "2": (("vgg19-b", "torch"),)}
    assert list(found["beta1"]) == ["0.5", "none"]
