"""What a suite can say about losses beyond their names, seen from the records."""

from __future__ import annotations

import csv
from typing import Any

import pytest

from nstbench.results import Record

RELATIVE = """
from nstbench import hookimpl
from nstbench.plugin.descriptors import LossInfo
from nstbench.transfer.losses import style_gatys, content_sum


@hookimpl
def nstbench_losses():
    yield LossInfo("even", "nstbench.transfer.losses:style_gatys", role="style", source="nobody", relative=True)
    yield LossInfo("even", "nstbench.transfer.losses:content_sum", role="content", source="nobody", relative=True)
"""


def trace(lab: Any, record: Record) -> list[dict[str, float]]:
    with (lab.folder().cell(record.cell) / "trace.csv").open(newline="") as file:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]


@pytest.fixture
def relative(lab: Any) -> Any:
    lab.install("fake_losses", RELATIVE)
    return lab


@pytest.mark.parametrize("optimizer", [{"name": "adam", "learning_rate": 2}, {"name": "lbfgs"}])
def test_style_losses_in_units_of_the_start(relative: Any, optimizer: dict[str, Any]) -> None:
    relative.suite(loss={"style": "even"}, optimizer=optimizer)
    code, errors = relative.run()
    assert code == 0, errors
    for record in relative.records():
        rows = trace(relative, record)
        assert rows[0]["style"] == pytest.approx(record.style_weight, rel=1e-5)
        layers = record.style_layers.split()
        for row in rows:
            shares = [row[f"style:{layer}"] / rows[0][f"style:{layer}"] for layer in layers]
            assert row["style"] == pytest.approx(record.style_weight * sum(shares) / len(shares), rel=1e-4)
        assert record.style_raw == pytest.approx(rows[-1]["style"] / record.style_weight, rel=1e-4)
        assert record.evaluations is not None and record.iterations_done == 6
        assert rows[-1]["total"] < rows[0]["total"]


def test_a_loss_of_nothing_at_the_start_ends_the_cell_with_a_reason(relative: Any) -> None:
    relative.suite(loss={"content": ["even", "mean"]})
    code, _ = relative.run()
    assert code == 1
    records = relative.records()
    assert len(records) == 8
    for record in records:
        assert record.status == ("ok" if record.content_loss == "mean" else "error")
        if record.content_loss == "even":
            assert record.reason.startswith("the content loss of mix2 is 0 at the start image")


def test_kinds_of_total_variation(lab: Any) -> None:
    network = {"weights": "fake-weights", "content_layers": ["mix2"], "style_layers": ["mix1"]}
    networks = {
        "without": network | {"backbone": "fakenet"},
        "with": network | {"backbone": "fakenet", "total_variation_weight": 0.1},
    }
    kinds = ["anisotropic", "isotropic"]
    lab.suite(backbones=networks, loss={"total_variation": kinds}, iterations=0)
    assert lab.run("--only", "photo/wave/*")[0] == 0
    records = {(record.label, record.total_variation_loss): record for record in lab.records()}
    assert records.keys() == {("without", None), ("with", "anisotropic"), ("with", "isotropic")}
    longer, shorter = (records["with", kind].total_variation for kind in kinds)
    assert longer > shorter > longer / 2**0.5
    assert records["without", None].total_variation is None
