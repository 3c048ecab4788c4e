"""Closed or open is worked out from what ran, not from what the suite says."""

from __future__ import annotations

from typing import Any

import pytest

from nstbench.results.comparison import with_comparison
from nstbench.results.record import Record, Status

KNOWN: dict[str, Any] = {
    "content": "c", "style": "s", "layer_set": "1", "content_layers": "a", "style_layers": "b", "style_loss": "mean",
    "content_loss": "mean", "content_weight": 1.0, "style_weight": 1.0, "total_variation_weight": 0.0,
    "optimizer": "adam", "iterations": 1, "init": "content", "seed": 0, "image_size": 64, "precision": "float32",
}  # fmt: skip


def record(label: str, backend: str, sha256: str | None, status: Status = Status.OK) -> Record:
    names = {"cell": f"{label}-{backend}", "backbone": label.partition("-")[0], "label": label, "backend": backend}
    return Record(**KNOWN, **names, weights="w", weights_sha256=sha256, status=status)


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
